/**
 * JSON Schema with static types. The objects are those TypeBox makes and carry TypeBox's types, but are built
 * here: importing TypeBox at run time loads 700 modules and costs as much as the whole start of the server
 * (200 ms measured). {@link misfitOf} checks exactly the keywords that can be written here.
 */
import type { Readable } from 'node:stream'
import type {
  TArray,
  TArrayOptions,
  TBoolean,
  TEnum,
  TInteger,
  TNull,
  TNumberOptions,
  TObject,
  TOptional,
  TProperties,
  TRecord,
  TSchema,
  TSchemaOptions,
  TString,
  TStringOptions,
  TUnion,
  TUnknown,
  TUnsafe,
} from 'typebox'

type Optionals<P extends TProperties> = { [Name in keyof P]: TOptional<P[Name]> }

export function text(
  options: TSchemaOptions & Pick<TStringOptions, 'minLength' | 'maxLength'> & { pattern?: string } = {},
): TString {
  return { type: 'string', ...options } as TString
}

/** A point in time, as in `2030-01-31T00:00:00.000Z`. */
export function time(options: TSchemaOptions = {}): TString {
  return { type: 'string', format: 'date-time', ...options } as unknown as TString
}

export function integer(
  options: Pick<TNumberOptions, 'minimum' | 'maximum'> & TSchemaOptions = {},
): TInteger {
  return { type: 'integer', ...options } as TInteger
}

export function flag(options: TSchemaOptions = {}): TBoolean {
  return { type: 'boolean', ...options } as TBoolean
}

export function choice<const Values extends readonly string[]>(
  values: Values,
  options: TSchemaOptions = {},
): TEnum<[...Values]> {
  return { type: 'string', enum: [...values], ...options } as unknown as TEnum<[...Values]>
}

export function list<Item extends TSchema>(
  items: Item,
  options: Pick<TArrayOptions, 'maxItems'> & TSchemaOptions = {},
): TArray<Item> {
  return { type: 'array', items, ...options } as unknown as TArray<Item>
}

export function nullable<Type extends TSchema>(
  schema: Type,
  options: TSchemaOptions = {},
): TUnion<[Type, TNull]> {
  return { anyOf: [schema, { type: 'null' }], ...options } as unknown as TUnion<[Type, TNull]>
}

/** Answered with no body at all. */
export function nothing(options: TSchemaOptions): TNull {
  return { type: 'null', ...options } as TNull
}

/** Answered with text that does not end by itself. */
export function stream(options: TSchemaOptions): TUnsafe<Readable> {
  return { type: 'string', ...options } as unknown as TUnsafe<Readable>
}

/** An object whose members are nobody's business here. */
export function anyObject(options: TSchemaOptions = {}): TRecord<'^.*$', TUnknown> {
  return { type: 'object', ...options } as unknown as TRecord<'^.*$', TUnknown>
}

/** What a client sends: members that are not listed are refused, so that a misspelt one is noticed. */
export function input<Required extends TProperties, Optional extends TProperties>(
  required: Required,
  optional: Optional,
  options: TSchemaOptions = {},
): TObject<Required & Optionals<Optional>> {
  return build(required, optional, { additionalProperties: false, ...options })
}

/** What the server answers: later versions may add members. */
export function output<Required extends TProperties, Optional extends TProperties = Record<never, never>>(
  required: Required,
  options: TSchemaOptions = {},
  optional = {} as Optional,
): TObject<Required & Optionals<Optional>> {
  return build(required, optional, options)
}

function build<Required extends TProperties, Optional extends TProperties>(
  required: Required,
  optional: Optional,
  options: TSchemaOptions & { additionalProperties?: boolean },
): TObject<Required & Optionals<Optional>> {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    ...options,
  } as unknown as TObject<Required & Optionals<Optional>>
}
