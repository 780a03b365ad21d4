import { type Details, type EditDocument, touched } from './document.ts'
import { invalidInput } from './errors.ts'
import { type JsonObject, textIn } from './json-body.ts'
import { languageOf } from './listings.ts'
import type { Resources } from './tags.ts'

/** @throws AmazonRefusal 400 for values that are no texts, or a default language that is none */
export function readDetails(body: JsonObject): Partial<Details> {
  const defaultLanguage = textIn(body, 'defaultLanguage')
  return {
    ...(defaultLanguage === '' ? {} : { defaultLanguage: languageOf(defaultLanguage) }),
    contactWebsite: textIn(body, 'contactWebsite'),
    contactEmail: textIn(body, 'contactEmail'),
    contactPhone: textIn(body, 'contactPhone'),
  }
}

/** @throws AmazonRefusal 400 for another default language: it cannot be changed (amazon-appstore.md 2.2) */
export function putDetails(
  document: EditDocument,
  resources: Resources,
  details: Partial<Details>,
): EditDocument {
  const { defaultLanguage } = document.details
  if (details.defaultLanguage !== undefined && details.defaultLanguage !== defaultLanguage) {
    throw invalidInput(`The default language is ${defaultLanguage} and cannot be changed`)
  }
  return touched({ ...document, details: { ...document.details, ...details } }, resources.details)
}
