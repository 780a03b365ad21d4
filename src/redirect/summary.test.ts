import assert from 'node:assert/strict'
import { test } from 'node:test'
import { summarize } from './summary.ts'

test('a person reads what was asked, what was refused and what came of it, with every finding', () => {
  const at = { store: 'edge', productId: 'p' }
  const text = summarize({
    command: ['npx', 'publish-extension'],
    exitCode: 1,
    requests: [
      { method: 'POST', host: 'api.example', path: '/v1/products/p/submissions', status: 202, ms: 12.5 },
      { method: 'GET', host: 'api.example', path: '/v1/x', status: 0, ms: 3 },
    ],
    refusedHosts: ['packages.example.org:443'],
    operations: [
      { ...at, id: 'o1', kind: 'upload', status: 'succeeded', reason: null, findings: [] },
      {
        ...at,
        id: 'o2',
        kind: 'publish',
        status: 'failed',
        reason: 'submission_invalid',
        findings: [{ severity: 'error', code: 'edge-version-not-increased', message: 'Raise it.' }],
      },
    ],
    submissions: [{ ...at, id: 's1', state: 'InDraft', findings: [] }],
  })
  assert.deepEqual(text.split('\n'), [
    'slipway run: npx publish-extension ended with 1',
    '  POST   api.example/v1/products/p/submissions  202  12.5 ms',
    '  GET    api.example/v1/x  not answered  3 ms',
    '  refused  packages.example.org:443',
    '  edge p  upload o1: succeeded',
    '  edge p  publish o2: failed (submission_invalid)',
    '    error edge-version-not-increased: Raise it.',
    '  edge p  submission s1: InDraft',
  ])
})

test('a run in which nothing happened is one line', () => {
  const nothing = { requests: [], refusedHosts: [], operations: [], submissions: [] }
  assert.equal(summarize({ command: ['true'], exitCode: 0, ...nothing }), 'slipway run: true ended with 0')
})
