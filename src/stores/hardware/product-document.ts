import type { Product, Submission } from '../../engine/index.ts'
import { readAttributes } from './additional-attributes.ts'
import { type Fields, fieldsOf, type Json, objectOf } from './fields.ts'
import { sharedIdOf } from './ids.ts'
import { isOsCode } from './os-codes.ts'
import { refusals, type ValidationError } from './refusals.ts'

/** What is stored with a product: the service's fields (microsoft-hardware.md 2.1) as they are echoed. */
export interface ProductData {
  readonly sharedProductId: string
  readonly originType: 'author' | 'shared'
  /** Digits; `0` unless received by sharing. */
  readonly sourceProductId: string
  readonly sourcePublisherId: string
  readonly announcementDate?: string
  readonly deviceMetadataIds: readonly string[]
  readonly firmwareVersion?: string
  readonly deviceType: string
  readonly isTestSign: boolean
  readonly isFlightSign: boolean
  readonly marketingNames: readonly string[]
  readonly selectedProductTypes: Json
  readonly requestedSignatures: readonly string[]
  readonly additionalAttributes: Json
  readonly testHarness: 'attestation' | 'hlk' | 'hck' | 'notset'
  readonly createdBy: string
  readonly updatedBy: string
  readonly updatedAt: number
}

/** A product that was made by other means than this API has no document of its own. */
export function dataOf(product: Product): ProductData {
  return {
    sharedProductId: sharedIdOf(product.id),
    originType: 'author',
    sourceProductId: '0',
    sourcePublisherId: '0',
    deviceMetadataIds: [],
    deviceType: 'notSet',
    isTestSign: false,
    isFlightSign: false,
    marketingNames: [],
    selectedProductTypes: {},
    requestedSignatures: [],
    additionalAttributes: {},
    testHarness: 'notset',
    createdBy: product.accountId,
    updatedBy: product.accountId,
    updatedAt: product.createdAt,
    ...(product.data as Partial<ProductData>),
  }
}

export type NewProduct = { readonly name: string } & Omit<
  ProductData,
  | 'sharedProductId'
  | 'originType'
  | 'sourceProductId'
  | 'sourcePublisherId'
  | 'createdBy'
  | 'updatedBy'
  | 'updatedAt'
>

const deviceTypes = ['internal', 'external', 'internalExternal', 'notSet'] as const
const harnesses = ['attestation', 'hlk', 'hck', 'notset'] as const

/**
 * A new product as clients describe it (microsoft-hardware.md 1.1): nulls, missing and unknown members are taken.
 * That a name is needed is INFERRED.
 * @param osCodes codes that this server takes besides those it knows
 * @throws HardwareRefusal naming everything that is wrong
 */
export function readNewProduct(body: unknown, osCodes: readonly string[]): NewProduct {
  const problems: ValidationError[] = []
  const fields = fieldsOf(bodyOf(body), problems)
  const name = fields.text('productName') ?? ''
  if (name.trim() === '' && problems.length === 0) fields.wrong('productName', 'The productName is required.')
  const firmwareVersion = fields.textOrNumber('firmwareVersion')
  const product: NewProduct = {
    name,
    ...announcement(fields),
    deviceMetadataIds: fields.texts('deviceMetadataIds') ?? [],
    ...(firmwareVersion === undefined ? {} : { firmwareVersion }),
    deviceType: fields.word('deviceType', deviceTypes) ?? 'notSet',
    isTestSign: fields.flag('isTestSign') ?? false,
    isFlightSign: fields.flag('isFlightSign') ?? false,
    marketingNames: fields.texts('marketingNames') ?? [],
    selectedProductTypes: readProductTypes(fields),
    requestedSignatures: readSignatures(fields, osCodes),
    additionalAttributes: readAttributes(fields.object('additionalAttributes') ?? {}, problems),
    testHarness: fields.word('testHarness', harnesses) ?? 'notset',
  }
  if (problems.length > 0) throw refusals.invalid(problems)
  return product
}

function bodyOf(body: unknown): Json {
  const object = objectOf(body)
  if (!object) throw refusals.input('The request body must be a JSON object.')
  return object
}

/** The zero of .NET's dates is what clients send that set none. */
function announcement(fields: Fields): { announcementDate?: string } {
  const date = fields.date('announcementDate')
  return date === undefined || date.startsWith('0001-01-01') ? {} : { announcementDate: date }
}

/** Families and types are echoed as spelt; new ones are used before they are documented (2.1, 2.9). */
function readProductTypes(fields: Fields): Json {
  const types = fields.object('selectedProductTypes') ?? {}
  for (const [family, type] of Object.entries(types)) {
    if (typeof type !== 'string')
      fields.wrong('selectedProductTypes', `The product type of ${family} must be a string.`)
  }
  return types
}

function readSignatures(fields: Fields, osCodes: readonly string[]): string[] {
  const codes = fields.texts('requestedSignatures') ?? []
  for (const code of codes) {
    if (!isOsCode(code, osCodes)) fields.wrong('requestedSignatures', `The OS code \`${code}\` is invalid.`)
  }
  return codes
}

/** Where the ingestion of a product's one initial submission stands. */
type Initial = Submission | undefined

/**
 * A change of a product (microsoft-hardware.md 2.1, 3.7, 5.3): three members count, all others are left alone.
 * @param now milliseconds since 1970
 * @throws HardwareRefusal
 */
export function editProduct(
  product: Product,
  initial: Initial,
  body: unknown,
  { by, now }: { readonly by: string; readonly now: number },
): { name: string; data: Product['data'] } {
  const data = dataOf(product)
  const problems: ValidationError[] = []
  const change = bodyOf(body)
  const fields = fieldsOf(change, problems)
  const name = fields.text('productName')
  if (name?.trim() === '') fields.wrong('productName', 'The productName must not be empty.')
  const date = announcement(fields)
  const marketingNames = fields.texts('marketingNames')
  if (problems.length > 0) throw refusals.invalid(problems)
  if (data.originType !== 'author') throw refusals.sharedProduct()
  if (!initial) throw refusals.productWithoutInitial()
  if (initial.phase === 'failed') throw refusals.productFailed()
  const changesDate = date.announcementDate !== undefined && date.announcementDate !== data.announcementDate
  if (changesDate && initial.step === 'completed') throw refusals.announcementFrozen()
  if (marketingNames && data.announcementDate !== undefined && Date.parse(data.announcementDate) < now) {
    const message = 'Marketing names cannot be changed after the announcement date.'
    throw refusals.invalid([{ target: 'marketingNames', message }])
  }
  const changed = {
    ...product.data,
    ...date,
    ...(marketingNames ? { marketingNames } : {}),
    updatedBy: by,
    updatedAt: now,
  }
  return { name: name ?? product.name, data: changed }
}
