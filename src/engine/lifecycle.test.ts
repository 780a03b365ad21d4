import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edit } from '../stores/amazon/lifecycle.ts'
import { edgeDraft } from '../stores/edge/lifecycle.ts'
import {
  derivedSubmission,
  driverSubmission,
  preproductionPackage,
  sharingLabel,
  windowsUpdateLabel,
} from '../stores/hardware/lifecycle.ts'
import { addOnSubmission, appSubmission, flightSubmission } from '../stores/microsoft/lifecycle.ts'
import { type Action, actions, effectOf, type Lifecycle, problemsOf, type Step } from './lifecycle.ts'

const lifecycles: { [name: string]: Lifecycle } = {
  'app submission': appSubmission,
  'flight submission': flightSubmission,
  'add-on submission': addOnSubmission,
  'driver submission': driverSubmission,
  'derived submission': derivedSubmission,
  'Windows Update label': windowsUpdateLabel,
  'sharing label': sharingLabel,
  'pre-production package': preproductionPackage,
  'Amazon edit': edit,
  'Edge draft': edgeDraft,
}

for (const [name, lifecycle] of Object.entries(lifecycles)) {
  test(`every step of the ${name} leads somewhere, reaches an end and publishes only what was judged`, () => {
    assert.deepEqual(problemsOf(lifecycle), [])
  })

  test(`of the ${name}, exactly one step publishes and it leads to a live end`, () => {
    const publishing = Object.values(lifecycle.steps).filter((step) => step.does === 'publish')
    assert.equal(publishing.length, 1)
    const live = lifecycle.steps[publishing[0]?.next ?? '']
    assert.equal(live?.phase, 'live')
    assert.equal(live?.does, 'end')
  })

  test(`only drafts of the ${name} can be edited in content and packages`, () => {
    for (const step of Object.values(lifecycle.steps)) {
      if (step.on.upload) assert.equal(step.phase, 'draft')
      if (step.on.commit) assert.equal(step.phase, 'draft')
    }
  })
}

/** What the references allow, by step; every other action is refused there. */
const allowed: { [lifecycle: string]: { [step: string]: Action[] } } = {
  // microsoft-store.md 3.2; cancel and release are the portal's.
  'app submission': {
    PendingCommit: ['update', 'upload', 'commit', 'delete'],
    CommitStarted: [],
    CommitFailed: ['delete'],
    PreProcessing: ['cancel'],
    PreProcessingFailed: ['delete'],
    Certification: ['cancel', 'approve', 'reject'],
    CertificationFailed: ['delete'],
    Release: ['cancel', 'release'],
    ReleaseFailed: ['delete'],
    PendingPublication: [],
    Publishing: [],
    PublishFailed: ['delete'],
    Canceled: ['create', 'delete'],
    Published: ['create', 'rollout'],
  },
  'add-on submission': {
    PendingCommit: ['update', 'upload', 'commit', 'delete'],
    CommitStarted: [],
    CommitFailed: ['delete'],
    PreProcessing: ['cancel'],
    PreProcessingFailed: ['delete'],
    Certification: ['cancel', 'approve', 'reject'],
    CertificationFailed: ['delete'],
    Release: ['cancel', 'release'],
    ReleaseFailed: ['delete'],
    PendingPublication: [],
    Publishing: [],
    PublishFailed: ['delete'],
    Canceled: ['create', 'delete'],
    Published: ['create'],
  },
  // microsoft-hardware.md 3.1, 3.2, 3.7: the name can be changed unless the workflow failed; a derived
  // submission needs a finished one; nothing is ever deleted.
  'driver submission': {
    commitPending: ['update', 'upload', 'commit'],
    packageInfoValidation: ['update'],
    preparation: ['update'],
    scanning: ['update'],
    validation: ['update'],
    catalogCreation: ['update'],
    manualReview: ['update', 'approve', 'reject'],
    signing: ['update'],
    finalizeIngestion: ['update'],
    packageInfoValidationFailed: [],
    preparationFailed: [],
    scanningFailed: [],
    validationFailed: [],
    catalogCreationFailed: [],
    manualReviewFailed: [],
    signingFailed: [],
    finalizeIngestionFailed: [],
    completed: ['update', 'create'],
  },
  // microsoft-hardware.md 3.4: cancelled only in approval, changed only while no workflow runs.
  'Windows Update label': {
    created: [],
    preProcessShippingLabel: [],
    finalizePreProcessing: [],
    publishJobValidation: [],
    updateGeneration: [],
    microsoftApproval: ['cancel', 'approve', 'reject'],
    publishing: [],
    finalizePublishing: [],
    createdFailed: [],
    preProcessShippingLabelFailed: [],
    finalizePreProcessingFailed: [],
    publishJobValidationFailed: [],
    updateGenerationFailed: [],
    microsoftApprovalFailed: [],
    publishingFailed: [],
    finalizePublishingFailed: [],
    completed: ['update'],
    cancelled: [],
  },
  'sharing label': {
    created: [],
    preProcessShippingLabel: [],
    finalizePreProcessing: [],
    publishJobValidation: [],
    processSharing: [],
    finalizeSharing: [],
    createdFailed: [],
    preProcessShippingLabelFailed: [],
    finalizePreProcessingFailed: [],
    publishJobValidationFailed: [],
    processSharingFailed: [],
    finalizeSharingFailed: [],
    completed: ['update'],
  },
  // microsoft-hardware.md 2.8: it is handed in with the request that brings it.
  'pre-production package': {
    NotStarted: ['commit'],
    Processing: [],
    Signing: [],
    Succeeded: [],
    Failed: [],
  },
  // amazon-appstore.md 3.1: one open edit, draft or in review; only a draft is deleted.
  'Amazon edit': {
    IN_PROGRESS: ['update', 'upload', 'commit', 'delete'],
    REVIEW: ['cancel', 'approve', 'reject'],
    APPROVED: ['cancel', 'release'],
    PUBLISHING: [],
    LIVE: ['create'],
  },
  // edge-addons.md section 3: a draft beside a running review; drafts cannot be deleted.
  'Edge draft': {
    InDraft: ['update', 'upload', 'commit'],
    InReview: ['create', 'cancel', 'approve', 'reject'],
    WaitingToPublish: ['create'],
    InTheStore: ['create', 'unpublish'],
    Unpublishing: ['create'],
    Unpublished: ['create'],
    ReviewFailed: ['create'],
    Cancelled: ['create'],
  },
}
allowed['derived submission'] = { ...allowed['driver submission'], completed: ['update'] }
allowed['flight submission'] = allowed['app submission'] ?? {}

for (const [name, steps] of Object.entries(allowed)) {
  test(`every operation on the ${name} is legal or refused in each step as the reference says`, () => {
    const lifecycle = lifecycles[name]
    assert.ok(lifecycle)
    assert.deepEqual(Object.keys(lifecycle.steps).sort(), Object.keys(steps).sort())
    for (const [stepName, expected] of Object.entries(steps)) {
      const step: Step | undefined = lifecycle.steps[stepName]
      assert.ok(step)
      const legal: Action[] = actions.filter((action) => effectOf(step, action) !== undefined)
      assert.deepEqual(legal.sort(), [...expected].sort(), stepName)
    }
  })
}

test('a table that publishes what was never judged is found out', () => {
  const unjudged: Lifecycle = {
    start: 'draft',
    steps: {
      draft: { does: 'edit', phase: 'draft', on: { commit: { to: 'publishing' } } },
      publishing: { does: 'publish', phase: 'moving', next: 'live', fails: 'draft', on: {} },
      live: { does: 'end', phase: 'live', on: {} },
    },
  }
  assert.deepEqual(problemsOf(unjudged), ["'publishing' publishes what was never judged"])
})

test('a table with dead ends, unknown names and silent failures is found out', () => {
  const broken: Lifecycle = {
    start: 'one',
    steps: {
      one: { does: 'pass', phase: 'moving', next: 'nowhere', on: {} },
      two: { does: 'review', phase: 'moving', on: {} },
      three: { does: 'end', phase: 'live', next: 'three', on: {} },
    },
  }
  assert.deepEqual(problemsOf(broken).sort(), [
    "'one' leads to 'nowhere', which is not a step",
    "'one' reaches no end",
    "'three' ends and goes on",
    "'two' can fail and says not where to",
    "'two' goes nowhere",
    "'two' reaches no end",
  ])
})
