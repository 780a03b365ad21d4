import { testExtensionRows } from '../../../test/helpers/extension-rows.ts'

const codes = Array.from({ length: 26 ** 2 * 2 }, (_, index) => {
  const [first = 0, second = 0, third = 0] = [
    index % 26,
    Math.floor(index / 26) % 26,
    Math.floor(index / 676),
  ]
  return String.fromCharCode(97 + first, 97 + second, 97 + third)
})

testExtensionRows([
  {
    title: 'more locales than there are',
    spec: { locales: Object.fromEntries(codes.map((code) => [code, {}])) },
    code: 'extension-too-many-locales',
    text: 'There are 1352 locales, more than 1000.',
    target: '_locales',
  },
  {
    title: 'a default locale that is no string',
    spec: { manifest: { default_locale: 7 }, locales: { en: {} } },
    code: 'extension-default-locale-invalid',
    text: 'Invalid value for default locale - locale name must be a string.',
  },
  {
    title: 'a default locale without locales',
    spec: { manifest: { default_locale: 'en' } },
    code: 'extension-locales-missing',
    text: 'Default locale was specified, but _locales subtree is missing.',
  },
  {
    title: 'locales without a default locale',
    spec: { manifest: { default_locale: undefined }, locales: { en: {} } },
    code: 'extension-default-locale-missing',
    text: "Localization used, but default_locale wasn't specified in the manifest.",
  },
  {
    title: 'a default locale without messages',
    spec: { manifest: { default_locale: 'fr' }, locales: { en: {} } },
    code: 'extension-default-messages-missing',
    text: "Default locale is defined but default data couldn't be loaded.",
  },
  {
    title: 'a default locale in another letter case',
    spec: { manifest: { default_locale: 'EN' }, locales: { en: {} } },
    code: 'extension-default-messages-missing',
    text: "Default locale is defined but default data couldn't be loaded.",
  },
  {
    title: 'no folder that is named as a locale',
    spec: { manifest: { default_locale: 'english' }, files: { '_locales/english/messages.json': '{}' } },
    code: 'extension-no-valid-locale',
    text: 'No valid locale name could be found in _locales directory.',
  },
  {
    title: 'one folder that is not named as a locale',
    spec: { locales: { en: {}, 'pt-br': {} } },
    code: 'extension-locale-unknown',
    severity: 'warning',
    text: 'Browsers ignore this folder',
    target: '_locales/pt-br',
  },
  {
    title: 'a locale without messages',
    spec: { locales: { en: {} }, files: { '_locales/fr/notes.txt': '' } },
    code: 'extension-messages-missing',
    text: 'Messages file is missing for locale.',
  },
  {
    title: 'messages that are no JSON',
    spec: { locales: { en: {} }, files: { '_locales/fr/messages.json': '{' } },
    code: 'extension-messages-invalid',
    text: "Invalid locale file '_locales/fr/messages.json': ",
  },
  {
    title: 'messages that are a list',
    spec: { locales: { en: {} }, files: { '_locales/fr/messages.json': '[]' } },
    code: 'extension-messages-invalid',
    text: "Invalid locale file '_locales/fr/messages.json': ",
  },
  {
    title: 'a message without a text',
    spec: { locales: { en: {} }, files: { '_locales/fr/messages.json': JSON.stringify({ a: 'b' }) } },
    code: 'extension-message-invalid',
    severity: 'warning',
    text: 'There is no "message" element for key a.',
  },
  {
    title: 'a message that the default locale does not define',
    spec: { manifest: { name: '__MSG_appName__' }, locales: { en: {}, fr: { appName: 'a' } } },
    code: 'extension-message-undefined',
    text: 'Variable __MSG_appName__ used but not defined.',
    target: 'manifest.json#/name',
  },
  {
    title: 'a message without any locale',
    spec: { manifest: { action: { default_title: '__MSG_title__' } } },
    code: 'extension-message-undefined',
    text: 'Variable __MSG_title__ used but not defined.',
    target: 'manifest.json#/action/default_title',
  },
])
