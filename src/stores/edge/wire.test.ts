import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding, Operation, OperationKind, Refusal } from '../../engine/index.ts'
import { toWireOperation, toWireTime } from './wire.ts'

const base: Operation = {
  id: '8a1f0000-0000-4000-8000-000000000000',
  productId: '33333333-3333-3333-3333-333333333333',
  accountId: 'sandbox',
  store: 'edge',
  kind: 'upload',
  status: 'in_progress',
  packageId: null,
  submissionId: null,
  refusal: null,
  findings: [],
  notes: '',
  createdAt: Date.parse('2024-07-25T19:24:34.599Z'),
  updatedAt: Date.parse('2024-07-25T19:24:35.000Z'),
}
const times =
  '"id":"8a1f0000-0000-4000-8000-000000000000","createdTime":"2024-07-25T19:24:34.5990000Z",' +
  '"lastUpdatedTime":"2024-07-25T19:24:35.0000000Z"'

function wire(operation: Partial<Operation>): string {
  return JSON.stringify(toWireOperation({ ...base, ...operation }))
}

function failed(kind: OperationKind, refusal: Refusal, findings: readonly Finding[] = []): string {
  return wire({ kind, status: 'failed', refusal, findings })
}

test('times have seven fractional digits and a Z [6-41]', () => {
  assert.equal(toWireTime(0), '1970-01-01T00:00:00.0000000Z')
  assert.equal(toWireTime(Date.parse('2024-07-25T19:24:34.599Z')), '2024-07-25T19:24:34.5990000Z')
  assert.equal(toWireTime(Date.parse('2026-12-31T23:59:59.999Z')), '2026-12-31T23:59:59.9990000Z')
})

test('in progress, message, errorCode and errors are there and null [6-15][6-17]', () => {
  const text = `{${times},"status":"InProgress","message":null,"errorCode":null,"errors":null}`
  assert.equal(wire({ kind: 'upload' }), text)
  assert.equal(wire({ kind: 'publish' }), text)
})

test('succeeded, errorCode is the empty text and errors null [6-15][6-16]', () => {
  assert.equal(
    wire({ status: 'succeeded' }),
    `{${times},"status":"Succeeded","message":"Successfully updated package to package.zip","errorCode":"","errors":null}`,
  )
  assert.equal(
    wire({ kind: 'publish', status: 'succeeded', submissionId: 'some-id' }),
    `{${times},"status":"Succeeded","message":"Successfully created submission with ID some-id","errorCode":"","errors":null}`,
  )
})

/** The documented failures of a publish that carry no list. */
const plain: readonly (readonly [Refusal, string, string])[] = [
  ['never_published', 'CreateNotAllowed', "Can't create new extension."],
  [
    'nothing_changed',
    'NoModulesUpdated',
    "Can't publish extension since there are no updates, please try again after updating the package.",
  ],
  [
    'submission_in_progress',
    'InProgressSubmission',
    "Can't publish extension as your extension submission is in progress. Please try again later.",
  ],
  [
    'unpublishing',
    'UnpublishInProgress',
    "Can't publish extension as your extension is being unpublished. Please try after you've unpublished.",
  ],
]

test('each documented refusal of a publish has its code, its text and null errors [6-16][6-24]', () => {
  for (const [refusal, errorCode, message] of plain) {
    assert.equal(
      failed('publish', refusal),
      `{${times},"status":"Failed","message":"${message}","errorCode":"${errorCode}","errors":null}`,
    )
  }
})

test('errors are objects with a message, those of severity error only [6-16]', () => {
  const findings: Finding[] = [
    { code: 'a', severity: 'warning', message: 'only a warning' },
    { code: 'b', severity: 'error', message: 'wrong "here"', target: 'x' },
    { code: 'c', severity: 'error', message: 'and here' },
  ]
  const errors = '[{"message":"wrong \\"here\\""},{"message":"and here"}]'
  assert.equal(
    failed('upload', 'package_invalid', findings),
    `{${times},"status":"Failed","message":"The package failed validation. Fix these errors and upload it again.",` +
      `"errorCode":"PackageValidationError","errors":${errors}}`,
  )
  assert.equal(
    failed('publish', 'submission_invalid', findings),
    `{${times},"status":"Failed","message":"Extension can't be published as there are submission validation failures. ` +
      `Fix these errors and try again later.","errorCode":"SubmissionValidationError","errors":${errors}}`,
  )
})

test('invalid modules are one error that names each module once [6-16]', () => {
  const module = (name: string): Finding => ({
    code: `edge-module-${name.toLowerCase()}`,
    severity: 'error',
    message: 'a module is invalid',
    target: name,
  })
  const other: Finding = { code: 'edge-version-not-increased', severity: 'error', message: 'no module' }
  const head =
    `{${times},"status":"Failed","message":"Can't publish extension as your extension has modules that are not valid. ` +
    'Fix the modules with errors and try to publish again.","errorCode":"ModuleStateUnPublishable","errors":'
  assert.equal(
    failed('publish', 'modules_invalid', [module('LISTING'), other]),
    `${head}[{"message":"Invalid module : LISTING"}]}`,
  )
  assert.equal(
    failed('publish', 'modules_invalid', [module('LISTING'), module('PACKAGES'), module('LISTING')]),
    `${head}[{"message":"Invalid module : LISTING, PACKAGES"}]}`,
  )
})

test('an irrecoverable failure has null for errorCode and errors [6-15][6-16]', () => {
  const text = `{${times},"status":"Failed","message":"An error occurred while performing the operation","errorCode":null,"errors":null}`
  assert.equal(failed('upload', 'broken'), text)
  assert.equal(failed('publish', 'broken'), text)
  assert.equal(
    failed('upload', 'unexpected'),
    text,
    'only the publish operation has the form without a status',
  )
})

test('an unexpected failure of a publish is id and message alone [6-18]', () => {
  assert.equal(
    failed('publish', 'unexpected'),
    `{"id":"${base.id}","message":"An error occurred while processing the request. Please contact support ` +
      `Correlation ID: ${base.id} Timestamp: 2024-07-25T19:24:35.0000000Z"}`,
  )
})
