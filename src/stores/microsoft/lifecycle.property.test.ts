import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  type MicrosoftClient,
  microsoftClient,
  seededStore,
  startMicrosoft,
} from '../../../test/helpers/microsoft-client.ts'
import { buildMsix } from '../../../test/helpers/msix-builder.ts'
import { operator } from '../../../test/helpers/scenario.ts'
import { EngineError } from '../../engine/index.ts'

/**
 * Random lives of an app's and of a flight's submissions against a small model of microsoft-store.md 3.1, 3.2
 * and 3.8: what clients ask over HTTP, what people do in the portal, and time. After every command the answer
 * and everything that can be read agree.
 */

type Command =
  | { readonly does: 'create' | 'commit' | 'delete' | 'upload' | 'uploadJunk' | 'cancel' }
  | { readonly does: 'put'; readonly file: boolean; readonly rollout: boolean }
  | { readonly does: 'elapse'; readonly ms: number }
  | { readonly does: 'rollout'; readonly action: 'update' | 'halt' | 'finalize' }

const bare = (...does: ('create' | 'commit' | 'delete' | 'upload' | 'uploadJunk' | 'cancel')[]) =>
  fc.record({ does: fc.constantFrom(...does) })
const put = fc.record({ does: fc.constant('put' as const), file: fc.boolean(), rollout: fc.boolean() })
const elapse = fc.record({
  does: fc.constant('elapse' as const),
  ms: fc.constantFrom(0, 199, 200, 999, 5000),
})
const rollout = fc.record({
  does: fc.constant('rollout' as const),
  action: fc.constantFrom('update' as const, 'halt' as const, 'finalize' as const),
})
/** The whole way of a submission, which single commands would hardly ever walk. */
const release = fc
  .record({
    rollout: fc.boolean(),
    upload: fc.oneof(
      { weight: 4, arbitrary: fc.constant('upload' as const) },
      { weight: 1, arbitrary: fc.constant('uploadJunk' as const) },
    ),
    steps: fc.constantFrom(6, 6, 2),
  })
  .map((wish): Command[] => [
    { does: 'create' },
    { does: 'put', file: true, rollout: wish.rollout },
    { does: wish.upload },
    { does: 'commit' },
    ...Array.from({ length: wish.steps }, (): Command => ({ does: 'elapse', ms: 5000 })),
    ...(wish.steps === 2 ? [{ does: 'cancel' } as const] : []),
  ])

const commands: fc.Arbitrary<readonly Command[]> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: bare('create', 'commit', 'upload').map(only) },
      { weight: 2, arbitrary: bare('delete', 'uploadJunk', 'cancel').map(only) },
      { weight: 3, arbitrary: put.map(only) },
      { weight: 4, arbitrary: elapse.map(only) },
      { weight: 3, arbitrary: rollout.map(only) },
      { weight: 3, arbitrary: release },
    ),
    { minLength: 5, maxLength: 14 },
  )
  .map((parts) => parts.flat())

function only(one: Command): Command[] {
  return [one]
}

/** Where each status goes when its time is up, and how long it lasts. */
const path: { readonly [step: string]: readonly [next: string, lasts: number] } = {
  CommitStarted: ['PreProcessing', 500],
  PreProcessing: ['Certification', 500],
  Certification: ['Release', 1000],
  Release: ['PendingPublication', 200],
  PendingPublication: ['Publishing', 200],
  Publishing: ['Published', 500],
}

interface Pending {
  id: string
  step: string
  since: number
  waits: boolean
  upload: 'none' | 'good' | 'junk'
  rollout: boolean
}

interface Live {
  readonly id: string
  rollout:
    | 'PackageRolloutNotStarted'
    | 'PackageRolloutInProgress'
    | 'PackageRolloutComplete'
    | 'PackageRolloutStopped'
}

class Model {
  live: Live | null
  pending: Pending | null = null
  #now = 0
  #packages: number

  constructor(live: Live | null) {
    this.live = live
    this.#packages = live ? 1 : 0
  }

  get canCreate(): boolean {
    return this.pending === null && this.live?.rollout !== 'PackageRolloutInProgress'
  }

  get isDraft(): boolean {
    return this.pending?.step === 'PendingCommit'
  }

  create(id: string): void {
    this.pending = {
      id,
      step: 'PendingCommit',
      since: this.#now,
      waits: false,
      upload: 'none',
      rollout: false,
    }
  }

  commit(): void {
    if (this.pending) Object.assign(this.pending, { step: 'CommitStarted', since: this.#now })
  }

  /** The clock jumps: what a step goes on to begins at the end of the jump. */
  elapse(ms: number): void {
    this.#now += ms
    const { pending } = this
    const [next, lasts] = path[pending?.step ?? ''] ?? []
    if (!pending || next === undefined || lasts === undefined || this.#now - pending.since < lasts) return
    Object.assign(pending, { step: next, since: this.#now })
    if (next === 'PreProcessing' && !this.#isWhole(pending)) pending.step = 'CommitFailed'
    if (next !== 'Published') return
    this.live = {
      id: pending.id,
      rollout: pending.rollout ? 'PackageRolloutInProgress' : 'PackageRolloutNotStarted',
    }
    if (pending.waits) this.#packages += 1
    this.pending = null
  }

  #isWhole({ waits, upload }: Pending): boolean {
    return waits ? upload === 'good' : this.#packages > 0
  }
}

interface Place {
  readonly name: string
  /** The resource that references its submissions, and how the references are called. */
  readonly resource: string
  readonly live: string
  readonly pending: string
  readonly packages: 'applicationPackages' | 'flightPackages'
}

const { appId, flightId } = seededStore
const places: readonly Place[] = [
  {
    name: 'an app',
    resource: `applications/${appId}`,
    live: 'lastPublishedApplicationSubmission',
    pending: 'pendingApplicationSubmission',
    packages: 'applicationPackages',
  },
  {
    name: 'a flight',
    resource: `applications/${appId}/flights/${flightId}`,
    live: 'lastPublishedFlightSubmission',
    pending: 'pendingFlightSubmission',
    packages: 'flightPackages',
  },
]

let builds = 0

class Life {
  readonly #client: MicrosoftClient
  readonly #place: Place
  readonly #model: Model
  /** What happened at all, in any life. */
  readonly #seen: Set<string>

  constructor(client: MicrosoftClient, place: Place, live: Live | null, seen: Set<string>) {
    this.#seen = seen
    this.#client = client
    this.#place = place
    this.#model = new Model(live)
  }

  async run(what: Command): Promise<void> {
    const model = this.#model
    const before = model.live?.id
    const one = this.#one(model.pending?.id ?? before)
    switch (what.does) {
      case 'create': {
        const answer = await this.#client.ask('POST', `${this.#place.resource}/submissions`)
        assert.equal(answer.status, model.canCreate ? 201 : 409)
        if (!model.canCreate && model.pending === null) this.#seen.add('create during rollout')
        if (answer.status === 201) model.create(answer.json.id)
        return
      }
      case 'put':
        return this.#put(one, what)
      case 'upload':
      case 'uploadJunk':
        return this.#upload(what.does === 'upload')
      case 'commit': {
        const wanted = model.isDraft ? 202 : this.#refusal
        assert.equal((await this.#client.ask('POST', `${one}/commit`)).status, wanted)
        if (wanted === 202) model.commit()
        return
      }
      case 'delete': {
        const deletable = model.isDraft || model.pending?.step.endsWith('Failed') === true
        const wanted = deletable ? 204 : this.#refusal
        assert.equal((await this.#client.ask('DELETE', one)).status, wanted)
        if (deletable) model.pending = null
        return
      }
      case 'cancel':
        return this.#cancel()
      case 'rollout':
        return this.#rollout(what.action)
      case 'elapse':
        await this.#client.server.elapse(what.ms)
        model.elapse(what.ms)
        if (model.pending?.step === 'CommitFailed') this.#seen.add('commit failed')
        if (model.live?.id !== before) this.#seen.add('published')
    }
  }

  /** What any submission that can't be touched is refused with; without any there is nothing to find. */
  get #refusal(): number {
    return this.#model.pending || this.#model.live ? 409 : 404
  }

  async #put(one: string, { file, rollout }: { file: boolean; rollout: boolean }): Promise<void> {
    const { pending, isDraft } = this.#model
    const draft = isDraft ? await this.#client.want(200, 'GET', one) : { [this.#place.packages]: [] }
    const kept = draft[this.#place.packages].filter(({ id }: { id: string }) => id !== '')
    const added = file ? [{ fileName: 'app.msix', fileStatus: 'PendingUpload' }] : []
    const body = {
      ...draft,
      [this.#place.packages]: [...kept, ...added],
      packageDeliveryOptions: {
        packageRollout: { isPackageRollout: rollout, packageRolloutPercentage: 10 },
      },
    }
    const answer = await this.#client.ask('PUT', one, body)
    assert.equal(answer.status, isDraft ? 200 : this.#refusal, answer.text)
    if (isDraft && pending) Object.assign(pending, { waits: file, rollout })
  }

  async #upload(good: boolean): Promise<void> {
    const { pending, isDraft } = this.#model
    if (!pending) return
    const { fileUploadUrl } = await this.#client.want(200, 'GET', this.#one(pending.id))
    const bytes = good ? buildMsix({ version: `2.${++builds}.0.0`, files: { 'App.exe': 'MZ' } }) : 'junk'
    await this.#client.uploadFiles(fileUploadUrl, { 'app.msix': bytes })
    if (isDraft) pending.upload = good ? 'good' : 'junk'
  }

  async #cancel(): Promise<void> {
    const { pending } = this.#model
    if (!pending) return
    const allowed = ['PreProcessing', 'Certification', 'Release'].includes(pending.step)
    const cancelling = this.#client.server.engine.actOnSubmission(operator, {
      id: pending.id,
      action: 'cancel',
    })
    if (allowed) {
      await cancelling
      this.#model.pending = null
      this.#seen.add('cancelled')
    } else {
      await assert.rejects(
        cancelling,
        (error) => error instanceof EngineError && error.code === 'wrong_state',
      )
    }
  }

  async #rollout(action: 'update' | 'halt' | 'finalize'): Promise<void> {
    const { live } = this.#model
    if (!live) return
    const names = {
      update: ['updatepackagerolloutpercentage?percentage=50', 'PackageRolloutInProgress'],
      halt: ['haltpackagerollout', 'PackageRolloutStopped'],
      finalize: ['finalizepackagerollout', 'PackageRolloutComplete'],
    } as const
    const [name, becomes] = names[action]
    const answer = await this.#client.ask('POST', `${this.#one(live.id)}/${name}`)
    const running = live.rollout === 'PackageRolloutInProgress'
    assert.equal(answer.status, running ? 200 : 409)
    if (running) {
      live.rollout = becomes
      this.#seen.add('rollout changed')
    }
  }

  #one(id: string | undefined): string {
    return `${this.#place.resource}/submissions/${id ?? '1152921500000000000'}`
  }

  async compare(): Promise<void> {
    const { live, pending } = this.#model
    const resource = await this.#client.want(200, 'GET', this.#place.resource)
    assert.equal(resource[this.#place.live]?.id, live?.id)
    assert.equal(resource[this.#place.pending]?.id, pending?.id)
    if (pending) {
      const { status, statusDetails } = await this.#client.want(200, 'GET', `${this.#one(pending.id)}/status`)
      assert.equal(status, pending.step)
      assert.equal(statusDetails.errors.length > 0, status.endsWith('Failed'))
    }
    if (live) {
      const rollout = await this.#client.want(200, 'GET', `${this.#one(live.id)}/packagerollout`)
      assert.equal(rollout.packageRolloutStatus, live.rollout)
    }
  }
}

for (const place of places) {
  test(`${place.name} goes through any life as the table of statuses says`, async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(commands, async (life) => {
        await using server = await startMicrosoft()
        const client = await microsoftClient(server)
        const resource = await client.want(200, 'GET', place.resource)
        const id: string | undefined = resource[place.live]?.id
        const live: Live | null = id === undefined ? null : { id, rollout: 'PackageRolloutNotStarted' }
        const one = new Life(client, place, live, seen)
        for (const each of life) {
          await one.run(each)
          await one.compare()
        }
      }),
      { numRuns: 12, seed: 20261121 },
    )
    // Lives that never meet what matters would prove nothing.
    for (const event of [
      'published',
      'commit failed',
      'create during rollout',
      'rollout changed',
      'cancelled',
    ]) {
      assert.ok(seen.has(event), `no life had: ${event}`)
    }
  })
}
