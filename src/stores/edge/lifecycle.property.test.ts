import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { dashboard, edgeClient, startEdge, type WireAnswer } from '../../../test/helpers/edge-client.ts'
import { buildExtension } from '../../../test/helpers/extension-builder.ts'
import { operator } from '../../../test/helpers/scenario.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'
import { type Content, EngineError } from '../../engine/index.ts'

/**
 * Random lives of an extension against a small model of edge-addons.md section 3: what clients ask over HTTP,
 * what people do in the dashboard, and time. After every command the outcome and the whole dashboard agree.
 */

interface Pack {
  readonly version: readonly number[]
  readonly locales: readonly string[]
}

const versions = [
  [1, 0],
  [1, 0, 1],
  [1, 1],
  [2, 0],
  [2, 0, 0, 0],
] as const
const localeSets = [[], ['en'], ['en', 'fr']] as const

const packs: readonly Pack[] = versions.flatMap((version) =>
  localeSets.map((locales) => ({ version, locales })),
)
const bytesOf = new Map(packs.map((pack) => [pack, build(pack)]))
const unsound = [
  buildExtension({ manifest: { key: 'x' } }),
  buildExtension({ version: '1.2.3.4.5' }),
  Buffer.from('no archive'),
]

function build({ version, locales }: Pack): Uint8Array {
  if (locales.length === 0) return buildExtension({ version: version.join('.') })
  const messages = Object.fromEntries(locales.map((locale) => [locale, { appName: 'Sample' }]))
  return buildExtension({ version: version.join('.'), name: '__MSG_appName__', locales: messages })
}

const description = 'Long enough to be a listing of the store. '.repeat(8)
const contents = {
  none: {},
  listed: { listings: { en: { description }, fr: { description } } },
  short: { listings: { en: { description: 'short' } } },
} as const satisfies { readonly [name: string]: Content }
type Listing = keyof typeof contents

type Command =
  | { readonly does: 'upload'; readonly pack: Pack }
  | { readonly does: 'uploadUnsound'; readonly bytes: Uint8Array }
  | { readonly does: 'publish' }
  | { readonly does: 'edit'; readonly listing: Listing }
  | { readonly does: 'elapse'; readonly ms: number }
  | {
      readonly does: 'decide'
      readonly action: 'approve' | 'reject' | 'cancel' | 'unpublish'
      readonly nth: number
    }

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant('upload' as const), pack: fc.constantFrom(...packs) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('uploadUnsound' as const), bytes: fc.constantFrom(...unsound) }),
  },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('publish' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('edit' as const),
      listing: fc.constantFrom<Listing>('none', 'listed', 'short'),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      does: fc.constant('elapse' as const),
      ms: fc.constantFrom(0, 199, 200, 999, 1000, 1000, 5000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('decide' as const),
      action: fc.constantFrom('approve' as const, 'reject' as const, 'cancel' as const, 'unpublish' as const),
      nth: fc.nat(5),
    }),
  },
)

/** One row of the dashboard. `current` is what the step's own phase says; a replaced release is not. */
interface Row {
  step: string
  pack: Pack | null
  listing: Listing
  changed: boolean
  replaced: boolean
  since: number
}

class Model {
  readonly rows: Row[] = []
  readonly #published: boolean
  #now = 0

  constructor(published: boolean) {
    this.#published = published
    if (published) this.#add('InTheStore', null, 'none')
  }

  upload(pack: Pack): void {
    const draft = this.#draft() ?? this.#open()
    // A package of its own, whatever was uploaded before.
    draft.pack = { ...pack }
    draft.changed = true
  }

  edit(listing: Listing): void {
    const draft = this.#draft() ?? this.#open()
    if (draft.listing !== listing) draft.changed = true
    draft.listing = listing
  }

  /** The errorCode that the operation ends with; empty when it succeeds. */
  publish(): string {
    const draft = this.#draft()
    const live = this.#live()
    if (!this.#published) return 'CreateNotAllowed'
    if (live?.step === 'Unpublishing') return 'UnpublishInProgress'
    if (this.rows.some(({ step }) => step === 'InReview' || step === 'WaitingToPublish'))
      return 'InProgressSubmission'
    if (!draft?.changed) return 'NoModulesUpdated'
    if (this.#invalidModules(draft, live)) return 'ModuleStateUnPublishable'
    if (draft.listing === 'short' || !isLarger(draft.pack, live?.pack)) return 'SubmissionValidationError'
    this.#move(draft, 'InReview')
    return ''
  }

  elapse(ms: number): void {
    this.#now += ms
    for (const row of this.rows) {
      const rested = this.#now - row.since
      if (row.step === 'InReview' && rested >= 1000) this.#move(row, 'WaitingToPublish')
      else if (row.step === 'WaitingToPublish' && rested >= 200) {
        const live = this.#live()
        if (live) live.replaced = true
        this.#move(row, 'InTheStore')
      } else if (row.step === 'Unpublishing' && rested >= 1000) this.#move(row, 'Unpublished')
    }
  }

  /** Whether the dashboard lets it happen. */
  decide(action: string, row: Row): boolean {
    const to =
      { approve: 'WaitingToPublish', reject: 'ReviewFailed', cancel: 'Cancelled' }[action] ?? 'Unpublishing'
    const from = action === 'unpublish' ? 'InTheStore' : 'InReview'
    if (row.step !== from || row.replaced) return false
    this.#move(row, to)
    return true
  }

  shown(): string[] {
    return this.rows.map((row) => `${row.step} ${row.pack?.version.join('.') ?? '-'} ${this.#phase(row)}`)
  }

  #phase({ step, replaced }: Row): string {
    if (step === 'InDraft') return 'draft'
    if (step === 'InReview' || step === 'WaitingToPublish') return 'moving'
    if (step === 'ReviewFailed') return 'failed'
    if (step === 'Cancelled') return 'cancelled'
    return replaced || step === 'Unpublished' ? 'past' : 'live'
  }

  #draft(): Row | undefined {
    return this.rows.find(({ step }) => step === 'InDraft')
  }

  #live(): Row | undefined {
    return this.rows.find((row) => this.#phase(row) === 'live')
  }

  /** A draft copies what was made last. */
  #open(): Row {
    const newest = this.rows.at(-1)
    return this.#add('InDraft', newest?.pack ?? null, newest?.listing ?? 'none')
  }

  #add(step: string, pack: Pack | null, listing: Listing): Row {
    const row: Row = { step, pack, listing, changed: false, replaced: false, since: this.#now }
    this.rows.push(row)
    return row
  }

  #move(row: Row, step: string): void {
    row.step = step
    row.since = this.#now
  }

  #invalidModules(draft: Row, live: Row | undefined): boolean {
    if (!draft.pack) return !live
    const listed = draft.listing === 'none' ? [] : Object.keys(contents[draft.listing].listings)
    if (listed.length === 0 && !live?.pack) return false
    const known: readonly string[] = [...listed, ...(live?.pack?.locales ?? [])]
    return draft.pack.locales.some((locale) => !known.includes(locale))
  }
}

/** Whether there is anything to compare, and it is larger. The same package again is no new version. */
function isLarger(pack: Pack | null, live: Pack | null | undefined): boolean {
  if (!pack || !live || pack === live) return true
  for (let part = 0; part < 4; part++) {
    const difference = (pack.version[part] ?? 0) - (live.version[part] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}

async function live(server: TestServer, published: boolean, commands: readonly Command[], seen: Set<string>) {
  const { id: productId } = await server.engine.createProduct(operator, {
    store: 'edge',
    kind: 'extension',
    name: 'Of one run',
    ...(published ? { published: {} } : {}),
  })
  const edge = edgeClient(server, { productId })
  const model = new Model(published)
  for (const each of commands) {
    switch (each.does) {
      case 'upload': {
        const operation = await edge.upload(bytesOf.get(each.pack) ?? new Uint8Array(0))
        assert.equal(operation.status, 'Succeeded')
        model.upload(each.pack)
        break
      }
      case 'uploadUnsound': {
        const operation = await edge.upload(each.bytes)
        assert.equal(operation.errorCode, 'PackageValidationError')
        break
      }
      case 'publish': {
        const operation = await edge.publish()
        const errorCode = model.publish()
        assert.equal(operation.errorCode, errorCode)
        assert.equal(operation.status, errorCode === '' ? 'Succeeded' : 'Failed')
        assertErrors(operation)
        seen.add(errorCode)
        break
      }
      case 'edit':
        await edit(server, productId, contents[each.listing])
        model.edit(each.listing)
        break
      case 'elapse':
        await server.elapse(each.ms)
        model.elapse(each.ms)
        break
      case 'decide':
        await decide(server, productId, model, each)
        break
    }
    const shown = (await dashboard(server, productId)).map(
      ({ step, version, phase }) => `${step} ${version ?? '-'} ${phase}`,
    )
    assert.deepEqual(shown, model.shown())
    for (const row of model.rows) seen.add(row.step)
  }
}

function assertErrors({ errorCode, errors }: WireAnswer): void {
  const listed = errorCode === 'ModuleStateUnPublishable' || errorCode === 'SubmissionValidationError'
  if (listed) assert.ok((errors?.length ?? 0) > 0)
  else assert.equal(errors, null)
}

async function edit(server: TestServer, productId: string, content: Content): Promise<void> {
  const draft =
    (await dashboard(server, productId)).find(({ step }) => step === 'InDraft') ??
    (await server.engine.createSubmission(operator, productId))
  await server.engine.updateSubmission(operator, { id: draft.id, content })
}

async function decide(
  server: TestServer,
  productId: string,
  model: Model,
  { action, nth }: Extract<Command, { does: 'decide' }>,
): Promise<void> {
  const shown = await dashboard(server, productId)
  const index = nth % Math.max(1, shown.length)
  const row = model.rows[index]
  const id = shown[index]?.id
  if (!row || id === undefined) return
  const deciding = server.engine.actOnSubmission(operator, { id, action })
  if (model.decide(action, row)) await deciding
  else await assert.rejects(deciding, (error) => error instanceof EngineError && error.code === 'wrong_state')
  await server.settle()
}

test('random lives of an extension end as the model of the lifecycle says', async () => {
  await using server = await startEdge()
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(command, { minLength: 1, maxLength: 24, size: 'max' }),
      async (mature, commands) => live(server, mature || commands.length % 4 > 0, commands, seen),
    ),
    { seed: 20261101, numRuns: 200 },
  )
  assert.deepEqual([...seen].sort(), [
    '',
    'Cancelled',
    'CreateNotAllowed',
    'InDraft',
    'InProgressSubmission',
    'InReview',
    'InTheStore',
    'ModuleStateUnPublishable',
    'NoModulesUpdated',
    'ReviewFailed',
    'SubmissionValidationError',
    'UnpublishInProgress',
    'Unpublished',
    'Unpublishing',
    'WaitingToPublish',
  ])
})
