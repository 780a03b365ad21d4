/** Everything the native API takes and answers. Routes, the OpenAPI document and the typed client stand on it. */
import type { Static } from 'typebox'
import { errorCodes } from '../engine/index.ts'
import {
  anyObject,
  choice,
  flag,
  input,
  integer,
  list,
  nothing,
  nullable,
  output,
  text,
  time,
} from './json-schema.ts'

const longestPage = 200
export const defaultPage = 50

const id = (description: string, example: string) =>
  text({ minLength: 1, maxLength: 200, description, examples: [example] })
const createdAt = time({ description: 'When it was made.', examples: ['2030-01-31T12:00:00.000Z'] })
const productId = id('The product, by the id its store knows it by.', '33333333-3333-3333-3333-333333333333')
const submissionId = id('The submission.', '5c1d7e2a-0f3b-4c0e-9a57-1b8f5f0e6c11')
const store = text({
  minLength: 1,
  maxLength: 50,
  description: 'The store it belongs to.',
  examples: ['edge'],
})

export const ApiError = output(
  {
    error: output(
      {
        code: choice(errorCodes, { description: 'For programs; the message is for people and may change.' }),
        message: text({ description: 'What is wrong and what would do.' }),
      },
      { description: 'Why the request was refused.' },
      { target: text({ description: 'The member or thing it is about.', examples: ['findings.0.code'] }) },
    ),
    requestId: text({ description: 'Finds the request in the log of the server.' }),
  },
  { description: 'A refusal.' },
)
export type ApiError = Static<typeof ApiError>

const findingMembers = {
  code: text({ minLength: 1, maxLength: 100, description: 'Stable code.', examples: ['apk-not-aligned'] }),
  severity: choice(['error', 'warning', 'notice'], { description: 'Only an `error` refuses.' }),
  message: text({ minLength: 1, maxLength: 4000, description: 'What the developer should change.' }),
}
const findingTarget = { target: text({ maxLength: 1000, description: 'Entry or key it is about.' }) }

export const Finding = output(
  findingMembers,
  { description: 'Something a validator or a reviewer has to say.' },
  findingTarget,
)
export type Finding = Static<typeof Finding>
const findings = list(Finding, { description: 'What the last check, review or failure had to say.' })

export const Product = output(
  {
    id: productId,
    accountId: text({ description: 'The account that publishes it.' }),
    store,
    kind: text({ description: 'What it is, in the words of its store.', examples: ['extension'] }),
    name: text({ description: 'Its name.', examples: ['Contoso notes'] }),
    identity: nullable(text(), {
      description: 'What its packages must claim to be; null until the first published package decides.',
    }),
    createdAt,
  },
  { description: 'What an account publishes in one store.' },
)
export type Product = Static<typeof Product>

export const CreateProduct = input(
  {
    store,
    kind: text({ minLength: 1, maxLength: 50, description: 'A kind of the store.', examples: ['extension'] }),
    name: text({ minLength: 1, maxLength: 256, description: 'Its name.', examples: ['Contoso notes'] }),
  },
  {
    id: id('The id its store knows it by; minted when absent.', '33333333-3333-3333-3333-333333333333'),
    identity: text({ minLength: 1, maxLength: 1000, description: 'A reserved identity.' }),
    published: anyObject({
      description:
        'The content of a release that was made before this server. With it, even an empty one, the product counts as published; some stores’ clients can do nothing before that.',
    }),
  },
  { description: 'A product to reserve.' },
)
export type CreateProduct = Static<typeof CreateProduct>

export const Package = output(
  {
    id: text({ description: 'Its id.' }),
    productId,
    fileName: text({ description: 'The name it was uploaded as.', examples: ['notes.zip'] }),
    sha256: text({ description: 'SHA-256 of its bytes, hex.' }),
    size: integer({ minimum: 0, description: 'Bytes.' }),
    format: nullable(text(), { description: 'What it was recognised as; null until it was inspected.' }),
    sound: flag({ description: 'Whether it was inspected and has no finding that refuses it.' }),
    facts: anyObject({ description: 'What its reader learned, by name.' }),
    findings: list(Finding, { description: 'What its reader has to say.' }),
    inspectedAt: nullable(time(), { description: 'When it was inspected.' }),
    createdAt,
  },
  { description: 'An uploaded file.' },
)
export type Package = Static<typeof Package>

const submissionMembers = {
  id: submissionId,
  productId,
  trackId: text({ description: 'The line of releases it is on: the main one has the id of the product.' }),
  accountId: text({ description: 'The account that publishes it.' }),
  store,
  lifecycle: text({ description: 'The lifecycle of its store that it follows.' }),
  step: text({ description: 'Where it stands, in the words of its store.', examples: ['InReview'] }),
  phase: choice(['draft', 'moving', 'live', 'past', 'failed', 'cancelled'], {
    description: 'Where it stands, the same for every store.',
  }),
  content: anyObject({ description: 'The store’s own document, as the client wrote it.' }),
  revision: integer({ minimum: 0, description: 'Grows with every change; also the ETag.' }),
  changed: flag({ description: 'Whether anything differs from what it was copied from.' }),
  judged: flag({ description: 'Whether it was found sound as it is now.' }),
  findings,
  clonedFrom: nullable(text(), { description: 'The submission it was copied from.' }),
  createdAt,
  updatedAt: time({ description: 'When it last changed.' }),
  stepAt: time({ description: 'When it entered its step.' }),
  publishedAt: nullable(time(), { description: 'When it became what customers get.' }),
}

export const Submission = output(submissionMembers, {
  description: 'One version of a product, from draft to published or failed.',
})
export type Submission = Static<typeof Submission>

export const SubmissionDetails = output(
  {
    ...submissionMembers,
    packages: list(Package, { description: 'Its packages, in its own order.' }),
    summary: output(
      {
        title: nullable(text(), { description: 'What customers know it as.' }),
        version: nullable(text(), { description: 'The version of its packages.' }),
      },
      { description: 'What a list shows of it.' },
    ),
    work: nullable(
      output(
        {
          dueAt: time({ description: 'When it is due, or tried again.' }),
          attempts: integer({ minimum: 0, description: 'How often it has failed.' }),
          lastError: nullable(text(), {
            description: 'Why it failed last; operators are told the error itself.',
          }),
        },
        { description: 'Work.' },
      ),
      {
        description:
          'What the server has still to do for it by itself. Work that fails again and again although it was given up stays here, and is tried ever more rarely. Null when there is none.',
      },
    ),
  },
  { description: 'A submission with its packages.' },
)
export type SubmissionDetails = Static<typeof SubmissionDetails>

export const Content = anyObject({ description: 'The store’s own document.' })
export type Content = Static<typeof Content>

export const Reject = input(
  {},
  {
    message: text({
      minLength: 1,
      maxLength: 4000,
      description: 'What the developer should change; short for one finding `review-rejected`.',
    }),
    findings: list(input(findingMembers, findingTarget), {
      maxItems: 200,
      description: 'What the developer should change, one by one.',
    }),
  },
  { description: 'Why it is rejected: a message, findings, or both.' },
)
export type Reject = Static<typeof Reject>

const credentialKinds = ['secret', 'api_key', 'token'] as const
const credentialKind = choice(credentialKinds, {
  description:
    '`secret`: client id and secret of an OAuth client. `api_key`: client id and key. `token`: a token of this API.',
})
const role = choice(['publisher', 'operator'], {
  description: 'A publisher sees its own account; an operator runs the server.',
})

const credentialMembers = {
  id: text({ description: 'Its id, to revoke it by.' }),
  accountId: text({ description: 'The account it acts for.' }),
  kind: credentialKind,
  clientId: text({ description: 'The client id it proves; several credentials may share one.' }),
  tenantId: nullable(text(), { description: 'The directory of an OAuth client.' }),
  role,
  label: text({ description: 'What its owner calls it.' }),
  createdAt,
  expiresAt: nullable(time(), { description: 'When it stops being good; null for never.' }),
  revokedAt: nullable(time(), { description: 'When it was revoked.' }),
}

export const Credential = output(credentialMembers, {
  description: 'What a client proves itself with, without anything that could.',
})
export type Credential = Static<typeof Credential>

export const NewCredential = output(
  {
    ...credentialMembers,
    secret: text({ description: 'The secret, key or token. It is never shown again.' }),
  },
  { description: 'A new credential with its secret.' },
)
export type NewCredential = Static<typeof NewCredential>

/** What can stand in a header or a form without being taken apart. */
const visible = '^[\\x21-\\x7e]+$'

export const CreateCredential = input(
  { kind: credentialKind },
  {
    accountId: text({
      minLength: 1,
      maxLength: 100,
      description: 'The account it acts for: the caller’s own when absent. Only operators name another.',
    }),
    clientId: text({
      minLength: 1,
      maxLength: 200,
      pattern: visible,
      description:
        'Minted when absent. A key is rotated by making a second credential with the same client id.',
    }),
    tenantId: text({
      minLength: 1,
      maxLength: 200,
      pattern: visible,
      description: 'The directory of an OAuth client.',
    }),
    role,
    label: text({ maxLength: 200, description: 'What to call it.', examples: ['release pipeline'] }),
    expiresAt: time({ description: 'When it stops being good; never when absent.' }),
  },
  { description: 'A credential to make.' },
)
export type CreateCredential = Static<typeof CreateCredential>

export const Account = output(
  { id: text({ description: 'Its id.' }), name: text({ description: 'Its name.' }), createdAt },
  { description: 'A publisher: the boundary nobody but operators sees across.' },
)
export type Account = Static<typeof Account>

export const CreateAccount = input(
  { name: text({ minLength: 1, maxLength: 256, description: 'Its name.', examples: ['Contoso'] }) },
  {
    id: text({
      minLength: 1,
      maxLength: 100,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
      description: 'Minted when absent.',
      examples: ['contoso'],
    }),
  },
  { description: 'An account to open.' },
)
export type CreateAccount = Static<typeof CreateAccount>

export const Event = output(
  {
    seq: integer({ minimum: 1, description: 'Its position in the order of everything that happened.' }),
    at: time({ description: 'When it happened.' }),
    accountId: text({ description: 'Whose it is.' }),
    type: text({ description: 'What happened.', examples: ['submission.moved'] }),
    store: nullable(text()),
    productId: nullable(text()),
    submissionId: nullable(text()),
    data: anyObject({ description: 'The particulars, by type.' }),
  },
  { description: 'One line of the record of everything that happened.' },
)
export type Event = Static<typeof Event>

const next = nullable(text(), {
  description: 'What `after` must be for the next page; null on the last one.',
})

export const ProductPage = output({ items: list(Product), next }, { description: 'Products by id.' })
export const SubmissionPage = output(
  { items: list(SubmissionDetails), next },
  { description: 'Submissions, the oldest first.' },
)
export const PackagePage = output(
  { items: list(Package), next },
  { description: 'Packages, the newest first.' },
)
export const CredentialPage = output(
  { items: list(Credential), next },
  { description: 'Credentials, the oldest first.' },
)
export const AccountPage = output({ items: list(Account), next }, { description: 'Accounts by id.' })
export const EventPage = output({ items: list(Event), next }, { description: 'Events in their order.' })
export type Page<Item> = { items: Item[]; next: string | null }

const limit = integer({
  minimum: 1,
  maximum: longestPage,
  default: defaultPage,
  description: 'Most items to answer.',
})
const after = text({ maxLength: 200, description: 'The `next` of the page before.' })
const position = integer({
  minimum: 0,
  description: 'The position after which to start; 0 is the beginning.',
})

export const PageQuery = input({}, { after, limit })
export const ProductQuery = input({}, { after, limit, store })
const eventFilter = { productId, submissionId }
export const EventQuery = input({}, { after: position, limit, ...eventFilter })
export const EventStreamQuery = input({}, { after: position, ...eventFilter })
export const NoQuery = input({}, {})

export const ProductParams = input({ productId }, {})
export const SubmissionParams = input({ submissionId }, {})
export const PackageParams = input({ packageId: id('The package.', 'pkg-1') }, {})
export const CredentialParams = input({ credentialId: id('The credential.', 'c0ffee') }, {})

export const Deleted = nothing({ description: 'It is gone.' })

/** By the names the OpenAPI document gives them. */
export const components = {
  Account,
  AccountPage,
  Content,
  CreateAccount,
  CreateCredential,
  CreateProduct,
  Credential,
  CredentialPage,
  Error: ApiError,
  Event,
  EventPage,
  Finding,
  NewCredential,
  Package,
  PackagePage,
  Product,
  ProductPage,
  Reject,
  Submission,
  SubmissionDetails,
  SubmissionPage,
}
