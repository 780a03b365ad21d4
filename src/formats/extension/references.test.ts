import { type ExtensionRow, missingFile, testExtensionRows } from '../../../test/helpers/extension-rows.ts'

testExtensionRows([
  ...(
    [
      ['background', { service_worker: 'x.js' }, 'background/service_worker'],
      ['action', { default_popup: 'x.js' }, 'action/default_popup'],
      ['action', { default_icon: 'x.js' }, 'action/default_icon'],
      ['action', { default_icon: { 16: 'x.js' } }, 'action/default_icon/16'],
      ['icons', { 128: 'x.js' }, 'icons/128'],
      ['options_page', 'x.js', 'options_page'],
      ['options_ui', { page: 'x.js' }, 'options_ui/page'],
      ['devtools_page', 'x.js', 'devtools_page'],
      ['chrome_url_overrides', { newtab: 'x.js' }, 'chrome_url_overrides/newtab'],
      ['side_panel', { default_path: 'x.js' }, 'side_panel/default_path'],
      ['sandbox', { pages: ['x.js'] }, 'sandbox/pages/0'],
      ['storage', { managed_schema: 'x.js' }, 'storage/managed_schema'],
      ['user_scripts', { api_script: 'x.js' }, 'user_scripts/api_script'],
      ['theme', { images: { theme_frame: 'x.js' } }, 'theme/images/theme_frame'],
      [
        'web_accessible_resources',
        [{ resources: ['x.js'], matches: ['<all_urls>'] }],
        'web_accessible_resources/0/resources/0',
      ],
      [
        'declarative_net_request',
        { rule_resources: [{ id: 'a', path: 'x.js' }] },
        'declarative_net_request/rule_resources/0/path',
      ],
      ['content_scripts', [{ matches: ['<all_urls>'], js: ['x.js'] }], 'content_scripts/0/js/0'],
      ['content_scripts', [{ matches: ['<all_urls>'], css: ['x.js'] }], 'content_scripts/0/css/0'],
    ] as const
  ).map(
    ([key, value, target]): ExtensionRow => ({
      title: `a missing file in ${target}`,
      spec: { manifest: { [key]: value } },
      code: 'extension-reference-missing',
      text: missingFile('x.js'),
      target: `manifest.json#/${target}`,
    }),
  ),
  ...(
    [
      ['background', { scripts: ['x.js'] }, 'background/scripts/0'],
      ['background', { page: 'x.js' }, 'background/page'],
      ['browser_action', { default_popup: 'x.js' }, 'browser_action/default_popup'],
      ['page_action', { default_icon: 'x.js' }, 'page_action/default_icon'],
      ['web_accessible_resources', ['x.js'], 'web_accessible_resources/0'],
    ] as const
  ).map(
    ([key, value, target]): ExtensionRow => ({
      title: `a missing file in ${target} of version 2`,
      spec: { manifest: { manifest_version: 2, action: undefined, [key]: value } },
      code: 'extension-reference-missing',
      text: missingFile('x.js'),
      target: `manifest.json#/${target}`,
    }),
  ),
  {
    title: 'a reference in another letter case',
    spec: { manifest: { options_page: 'Popup.html' } },
    code: 'extension-reference-missing',
    text: `${missingFile('Popup.html')} There is 'popup.html'.`,
  },
  {
    title: 'a reference with a leading slash',
    spec: { manifest: { options_page: '/popup.html' } },
    code: 'extension-reference-leading-slash',
    severity: 'warning',
    text: missingFile('/popup.html'),
  },
  {
    title: 'a reference with a leading slash to nothing',
    spec: { manifest: { options_page: '/options.html' } },
    code: 'extension-reference-missing',
    text: missingFile('/options.html'),
  },
  {
    title: 'a reference that leads out of the package',
    spec: { manifest: { options_page: '../popup.html' } },
    code: 'extension-reference-absolute',
    text: missingFile('../popup.html'),
  },
])
