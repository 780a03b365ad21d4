import { type ExtensionContext, manifestKey } from './context.ts'
import { isObject, type JsonObject, member } from './json.ts'

const manifestKeys =
  `manifest_version name version action app author automation background background_page browser_action
  browser_specific_settings chrome_settings_overrides chrome_ui_overrides chrome_url_overrides commands
  content_capabilities content_scripts content_security_policy converted_from_user_script
  cross_origin_embedder_policy cross_origin_opener_policy current_locale declarative_net_request default_locale
  description devtools_page differential_fingerprint edge_url_overrides event_rules export externally_connectable
  file_browser_handlers file_handlers file_system_provider_capabilities homepage_url host_permissions icon_variants
  icons import incognito input_components key minimum_chrome_version minimum_edge_version nacl_modules
  natively_connectable oauth2 offline_enabled omnibox optional_host_permissions optional_permissions options_page
  options_ui page_action permissions platforms replacement_web_app requirements sandbox short_name side_panel sockets
  storage system_indicator theme trial_tokens tts_engine update_url user_scripts version_name
  web_accessible_resources webview`.split(/\s+/)

const contentScriptKeys =
  `matches exclude_matches js css run_at all_frames match_about_blank match_origin_as_fallback include_globs
  exclude_globs world`.split(/\s+/)

/** Keys that no browser of the Chromium family knows (edge-addons.md 7.2: a warning). */
export function judgeKeys({ manifest, findings }: ExtensionContext): void {
  say(manifest, manifestKeys, '', 'manifest.json', findings)
  const scripts = member(manifest, 'content_scripts')
  if (!Array.isArray(scripts)) return
  for (const [index, script] of scripts.entries()) {
    if (!isObject(script)) continue
    say(
      script,
      contentScriptKeys,
      `content_scripts[${index}].`,
      manifestKey('content_scripts', index),
      findings,
    )
  }
}

function say(
  object: JsonObject,
  allowed: readonly string[],
  where: string,
  target: string,
  findings: ExtensionContext['findings'],
): void {
  const unknown = Object.keys(object).filter((key) => !allowed.includes(key))
  if (unknown.length === 0) return
  const shown = unknown.length > 10 ? [...unknown.slice(0, 10), '…'] : unknown
  findings.add(
    'extension-unknown-key',
    target,
    `${allowed.slice(0, 12).join(', ')}, …`,
    where,
    shown.join(', '),
  )
}
