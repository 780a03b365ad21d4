import { digitsOf } from '../../protocols/exact-json.ts'
import { targetKey } from './driver-metadata.ts'
import { type Fields, fieldsOf, type Json, objectOf } from './fields.ts'
import type { ValidationError } from './refusals.ts'

/** Whom a shipping label is for (microsoft-hardware.md 2.5). */
export interface Targeting {
  readonly hardwareIds: readonly HardwareTarget[]
  readonly chids: readonly string[]
  readonly restrictedToAudiences: readonly string[]
  readonly inServicePublishInfo?: { readonly flooring?: string; readonly ceiling?: string }
  /** Digits: build numbers are numbers on the wire. */
  readonly coEngDriverPublishInfo?: {
    readonly flooringBuildNumber?: string
    readonly ceilingBuildNumber?: string
  }
}

export interface HardwareTarget {
  readonly bundleId: string
  readonly infId: string
  readonly operatingSystemCode: string
  readonly pnpString: string
}

const guid = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i
const mostTargets = 100_000

export function readTargeting(wish: Json, problems: ValidationError[]): Targeting {
  const own = fieldsOf(wish, problems, 'targeting.')
  return {
    hardwareIds: eachOf(own, 'hardwareIds', problems, (item) => readHardwareTarget(item, problems)),
    chids: eachOf(own, 'chids', problems, (item) => readChid(item, own)),
    restrictedToAudiences: readAudiences(own) ?? [],
    ...readPublishInfo(own, problems),
  }
}

/** The items of a list of objects; all of them are read before anything is refused. */
function eachOf<T>(own: Fields, name: string, problems: ValidationError[], read: (item: Json) => T): T[] {
  const list = own.list(name) ?? []
  if (list.length > mostTargets) own.wrong(name, `More than ${mostTargets} items.`)
  return list.slice(0, mostTargets).flatMap((value) => {
    const item = objectOf(value)
    if (item) return [read(item)]
    problems.push({ target: `targeting.${name}`, message: 'Every item must be an object.' })
    return []
  })
}

export function readHardwareTarget(item: Json, problems: ValidationError[]): HardwareTarget {
  const own = fieldsOf(item, problems, 'targeting.hardwareIds.')
  const needed = (name: string) => {
    const value = own.text(name)
    if (value === undefined) own.wrong(name, `The ${name} is required.`)
    return value ?? ''
  }
  return {
    bundleId: needed('bundleId'),
    infId: needed('infId'),
    operatingSystemCode: needed('operatingSystemCode'),
    pnpString: needed('pnpString'),
  }
}

export function readChid(item: Json, own: Fields): string {
  const { chid } = item
  if (typeof chid === 'string' && guid.test(chid)) return bare(chid)
  own.wrong('chids', 'Every chid must be a GUID.')
  return ''
}

/** Undefined when the list is missing, which is another thing than an empty one (7-18). */
export function readAudiences(own: Fields): string[] | undefined {
  const audiences = own.texts('restrictedToAudiences')
  for (const audience of audiences ?? []) {
    if (!guid.test(audience))
      own.wrong('restrictedToAudiences', `The audience '${audience.slice(0, 50)}' is no GUID.`)
  }
  return audiences?.map(bare)
}

function bare(id: string): string {
  return id.replace(/[{}]/g, '').toLowerCase()
}

/** Empty texts, as in a client's sample, are as if they were not there; only one of the two may be. */
export function readPublishInfo(
  own: Fields,
  problems: ValidationError[],
): Pick<Targeting, 'inServicePublishInfo' | 'coEngDriverPublishInfo'> {
  const inService = own.object('inServicePublishInfo')
  const coEngineered = own.object('coEngDriverPublishInfo')
  const releases =
    inService && pairOf(inService, ['flooring', 'ceiling'], problems, (fields, name) => fields.text(name))
  const builds =
    coEngineered &&
    pairOf(coEngineered, ['flooringBuildNumber', 'ceilingBuildNumber'], problems, (fields, name) => {
      const value = coEngineered[name]
      if (value === undefined || value === null || value === '') return undefined
      const digits = typeof value === 'string' && /^\d{1,9}$/.test(value) ? value : digitsOf(value)
      if (digits === undefined) fields.wrong(name, `The ${name} must be a number.`)
      return digits
    })
  if (releases && builds) {
    own.wrong(
      'inServicePublishInfo',
      'Only one of inServicePublishInfo and coEngDriverPublishInfo is allowed.',
    )
  }
  return {
    ...(releases ? { inServicePublishInfo: releases } : {}),
    ...(builds ? { coEngDriverPublishInfo: builds } : {}),
  }
}

function pairOf<Name extends string>(
  info: Json,
  names: readonly Name[],
  problems: ValidationError[],
  read: (fields: Fields, name: Name) => string | undefined,
): { readonly [Each in Name]?: string } | undefined {
  const fields = fieldsOf(info, problems, 'targeting.')
  const set: { [name: string]: string } = {}
  for (const name of names) {
    const value = read(fields, name)
    if (value !== undefined && value !== '') set[name] = value
  }
  return Object.keys(set).length === 0 ? undefined : (set as { readonly [Each in Name]?: string })
}

export function keyOf({ bundleId, infId, operatingSystemCode, pnpString }: HardwareTarget): string {
  return targetKey(bundleId, infId, operatingSystemCode, pnpString)
}

/** What of the targets is not in the submission's driver metadata. */
export function foreignTargets(
  targets: readonly HardwareTarget[],
  known: ReadonlySet<string>,
): ValidationError[] {
  return targets
    .filter((target) => !known.has(keyOf(target)))
    .slice(0, 20)
    .map(({ infId, operatingSystemCode, pnpString }) => ({
      target: 'targeting.hardwareIds',
      message: `The hardware id ${pnpString} of ${infId} for ${operatingSystemCode} is not in the driver metadata of the submission.`,
    }))
}
