import { buildPng } from '../../../test/helpers/extension-builder.ts'
import { testExtensionRows } from '../../../test/helpers/extension-rows.ts'

testExtensionRows([
  {
    title: 'no icon of 128',
    spec: { manifest: { icons: { 48: 'icons/48.png' } }, files: { 'icons/48.png': buildPng(48) } },
    code: 'extension-icon-128-missing',
    severity: 'warning',
    text: 'There is no icon of size 128',
  },
  {
    title: 'an SVG icon',
    spec: { manifest: { icons: { 128: 'a.svg' } }, files: { 'a.svg': '<svg xmlns="x"/>' } },
    code: 'extension-icon-invalid',
    text: "Could not load icon 'a.svg' specified in 'icons'.",
  },
  {
    title: 'an SVG icon named as a PNG',
    spec: { files: { 'icons/128.png': '\ufeff<?xml version="1.0"?><svg/>' } },
    code: 'extension-icon-invalid',
    text: "Could not load icon 'icons/128.png' specified in 'icons'.",
  },
  {
    title: 'an empty icon',
    spec: { files: { 'icons/128.png': '' } },
    code: 'extension-icon-invalid',
    text: "Could not load icon 'icons/128.png' specified in 'icons'.",
  },
  {
    title: 'a WebP icon',
    spec: { files: { 'icons/128.png': 'RIFF\0\0\0\0WEBPVP8 ' } },
    code: 'extension-icon-unsupported',
    severity: 'warning',
    text: "The icon 'icons/128.png' is a WebP image",
  },
  {
    title: 'an icon that is not square',
    spec: { files: { 'icons/128.png': buildPng(128, 64) } },
    code: 'extension-icon-size',
    severity: 'warning',
    text: "The icon 'icons/128.png' is 128x64 and should be square",
  },
  {
    title: 'an icon of another size',
    spec: { files: { 'icons/128.png': buildPng(64) } },
    code: 'extension-icon-size',
    severity: 'warning',
    text: "The icon 'icons/128.png' is 64x64 and should be 128x128",
  },
  {
    title: 'an icon path that is no string',
    spec: { manifest: { icons: { 128: 7 } } },
    code: 'extension-invalid-value',
    text: 'Invalid value for \'icons["128"]\'.',
  },
])
