import { type ExtensionRow, longText, testExtensionRows } from '../../../test/helpers/extension-rows.ts'

testExtensionRows([
  {
    title: 'an empty list of content scripts',
    spec: { manifest: { content_scripts: [] } },
    code: 'extension-content-scripts-empty',
    text: "Invalid value for 'content_scripts'.",
  },
  {
    title: 'a content script without matches',
    spec: { manifest: { content_scripts: [{ matches: [], js: ['content.js'] }] } },
    code: 'extension-content-script-matches',
    text: "Invalid value for 'content_scripts[0].matches'. There must be at least one match specified.",
  },
  {
    title: 'a content script without files',
    spec: { manifest: { content_scripts: [{ matches: ['<all_urls>'], js: [], css: [] }] } },
    code: 'extension-content-script-files',
    text: "At least one js or css file is required for 'content_scripts[0]'.",
  },
  ...['*', 'https://*', 'www.example.com/*', 'https://www.google.*/*', 7].map(
    (pattern): ExtensionRow => ({
      title: `the match pattern ${JSON.stringify(pattern)}`,
      spec: { manifest: { content_scripts: [{ matches: [pattern], js: ['content.js'] }] } },
      code: 'extension-content-script-pattern',
      text: "Invalid value for 'content_scripts[0].matches[0]': ",
    }),
  ),
  {
    title: 'a background page and scripts together',
    spec: {
      manifest: {
        manifest_version: 2,
        action: undefined,
        background: { page: 'popup.html', scripts: ['background.js'] },
      },
    },
    code: 'extension-background-combination',
    text: 'The background.page and background.scripts properties cannot be used at the same time.',
  },
  {
    title: 'background scripts in version 3',
    spec: { manifest: { background: { scripts: ['background.js'] } } },
    code: 'extension-background-v3',
    severity: 'warning',
    text: 'The "background.scripts" key cannot be used with manifest_version 3. Use the "background.service_worker" key instead.',
  },
  {
    title: 'two buttons in version 2',
    spec: { manifest: { manifest_version: 2, action: undefined, browser_action: {}, page_action: {} } },
    code: 'extension-one-surface',
    text: "Only one of 'browser_action', 'page_action', and 'app' can be specified.",
  },
  {
    title: 'a browser action in version 3',
    spec: { manifest: { browser_action: {} } },
    code: 'extension-action-v3',
    severity: 'warning',
    text: "'browser_action' is ignored with manifest_version 3.",
  },
  {
    title: 'an unknown permission',
    spec: { manifest: { permissions: ['storage', 'teleport'] } },
    code: 'extension-permission-unknown',
    severity: 'warning',
    text: "Permission 'teleport' is unknown or URL pattern is malformed.",
    target: 'manifest.json#/permissions/1',
  },
  {
    title: 'accessible resources without matches in version 3',
    spec: { manifest: { web_accessible_resources: [{ resources: ['content.js'] }] } },
    code: 'extension-web-accessible-resources',
    text: "Invalid value for 'web_accessible_resources[0]'. Entry must at least have resources, and one other valid key.",
  },
  {
    title: 'rules with more metadata than Edge takes',
    spec: {
      manifest: {
        declarative_net_request: { rule_resources: [{ id: 'a', enabled: true, path: 'rules.json' }] },
      },
      files: { 'rules.json': JSON.stringify([{ id: 1, metadata: { a: longText(70_000) } }]) },
    },
    code: 'extension-rule-metadata',
    text: 'A declarativeNetRequest rule has 70008 bytes of "metadata"',
  },
])
