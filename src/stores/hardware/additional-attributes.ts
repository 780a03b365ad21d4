import { digitsOf } from '../../protocols/exact-json.ts'
import { fieldsOf, type Json, objectOf } from './fields.ts'
import type { ValidationError } from './refusals.ts'

/** A flag that makes other members necessary. */
type Condition = readonly [flag: string, needs: readonly string[]]

const proprietary: Condition = ['usedProprietary', ['proprietaryName', 'proprietaryVersion']]
const microsoft: Condition = ['usedMicrosoft', ['microsoftName', 'microsoftVersion']]

const conditions: { readonly [container: string]: readonly Condition[] } = {
  storageController: [proprietary, microsoft, ['usedBetterBoot', ['uefiVersion', 'acpiVersion']]],
  raidController: [proprietary, microsoft],
  svvp: [],
}

const guests = [
  'Windows Server 2008',
  'Windows Server 2008 Release 2',
  'Windows Server 2012',
  'Windows Server 2012 R2',
]
const processors = ['Xeon', 'Opteron', 'Itanium 2']

/**
 * `additionalAttributes` as sent, once its conditions hold (microsoft-hardware.md 2.1.1). That the three containers
 * are in camelCase is INFERRED.
 */
export function readAttributes(attributes: Json, problems: ValidationError[]): Json {
  for (const [container, needs] of Object.entries(conditions)) {
    if (attributes[container] === undefined || attributes[container] === null) continue
    const prefix = `additionalAttributes.${container}`
    const content = objectOf(attributes[container])
    if (!content) {
      problems.push({ target: prefix, message: `The value of ${container} must be an object.` })
      continue
    }
    checkConditions(content, needs, prefix, problems)
    if (container === 'svvp') checkServer(content, prefix, problems)
  }
  return attributes
}

function checkConditions(
  content: Json,
  needs: readonly Condition[],
  prefix: string,
  problems: ValidationError[],
): void {
  const fields = fieldsOf(content, problems, `${prefix}.`)
  for (const [flag, names] of needs) {
    if (!fields.flag(flag)) continue
    for (const name of names) {
      if (!fields.text(name)) fields.wrong(name, `The ${name} is required when ${flag} is true.`)
    }
  }
}

function checkServer(content: Json, prefix: string, problems: ValidationError[]): void {
  const fields = fieldsOf(content, problems, `${prefix}.`)
  fields.word('guestOs', guests)
  fields.word('processorArchitecture', processors)
  for (const name of ['maxProcessors', 'maxMemory']) {
    const value = content[name]
    // Numbers arrive as texts, too (microsoft-hardware.md 2.1.1).
    const isNumber = digitsOf(value) !== undefined || (typeof value === 'string' && /^\d{1,19}$/.test(value))
    if (value !== undefined && value !== null && !isNumber)
      fields.wrong(name, `The ${name} must be an integer.`)
  }
}
