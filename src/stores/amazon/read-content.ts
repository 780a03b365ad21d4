import type { Content, Finding } from '../../engine/index.ts'
import { readAvailabilityShape } from './availability.ts'
import { imageTypeNames } from './image-types.ts'
import { readLanguage } from './languages.ts'

type Shape = (value: unknown, path: string) => string[]

/**
 * What is wrong with the shape of an edit's content, which the native API and seeds may bring; whatever passes can
 * be handled by everything else here. Members that are missing are blank.
 */
export function readContent(content: Content): Finding[] {
  return Object.entries(members)
    .flatMap(([name, shape]) => (content[name] === undefined ? [] : shape(content[name], name)))
    .map((message) => ({
      code: 'amazon-content',
      severity: 'error',
      message,
      target: message.split(' ', 1)[0] ?? 'content',
    }))
}

const text: Shape = (value, path) => (typeof value === 'string' ? [] : [`${path} must be a string`])

const textOrNull: Shape = (value, path) => (value === null ? [] : text(value, path))

const integer: Shape = (value, path) =>
  Number.isSafeInteger(value) ? [] : [`${path} must be a whole number`]

const booleanOrNull: Shape = (value, path) =>
  value === null || typeof value === 'boolean' ? [] : [`${path} must be true, false or null`]

const language: Shape = (value, path) =>
  typeof value === 'string' && readLanguage(value) === value
    ? []
    : [`${path} must be a language such as en-US`]

function list(item: Shape): Shape {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((each, index) => item(each, `${path}[${index}]`))
      : [`${path} must be an array`]
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** All of these members, and no others. */
function object(shapes: { readonly [name: string]: Shape }): Shape {
  return (value, path) => {
    if (!isObject(value)) return [`${path} must be an object`]
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(shapes, name))
    return [
      ...Object.entries(shapes).flatMap(([name, shape]) => shape(value[name], `${path}.${name}`)),
      ...unknown.map((name) => `${path}.${name} is not known`),
    ]
  }
}

function record(key: Shape, item: Shape): Shape {
  return (value, path) => {
    if (!isObject(value)) return [`${path} must be an object`]
    return Object.entries(value).flatMap(([name, each]) => [
      ...key(name, `${path}.${name}`),
      ...item(each, `${path}.${name}`),
    ])
  }
}

const imageType: Shape = (value, path) =>
  imageTypeNames.includes(String(value)) ? [] : [`${path} must be one of ${imageTypeNames.join(', ')}`]

const assets = list(object({ id: text, sha256: textOrNull }))

const listing = object({
  title: text,
  shortDescription: text,
  fullDescription: text,
  recentChanges: text,
  featureBullets: list(text),
  keywords: list(text),
})

const other: Shape = (value, path) =>
  value === null || value === 'TARGETING' || value === 'NOT_TARGETING'
    ? []
    : [`${path} must be TARGETING, NOT_TARGETING or null`]

const details: Shape = (value, path) => [
  ...object({ defaultLanguage: text, contactWebsite: text, contactEmail: text, contactPhone: text })(
    value,
    path,
  ),
  ...(isObject(value) ? language(value.defaultLanguage, `${path}.defaultLanguage`) : []),
]

const members: { readonly [name: string]: Shape } = {
  details,
  listings: record(language, listing),
  images: record(language, record(imageType, assets)),
  videos: record(language, assets),
  availability: (value, path) => [
    ...object({ dateTime: textOrNull, zoneId: textOrNull })(value, path),
    ...(readAvailabilityShape(value) ? [] : [`${path} must be a date and a zone, or nulls`]),
  ],
  apks: list(
    object({ id: text, versionCode: integer, name: text, packageId: textOrNull, drm: booleanOrNull }),
  ),
  targeting: record(text, object({ devices: list(text), other })),
  revisions: record(text, integer),
  written: list(language),
  published: list(integer),
}
