import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded, startEdge } from '../../../test/helpers/edge-client.ts'
import { operator } from '../../../test/helpers/scenario.ts'
import { type Content, EngineError, type Fact, type Package, type Product } from '../../engine/index.ts'
import { checkListings, readListings } from './listings.ts'

const description = 'x'.repeat(250)

const product: Product = {
  id: seeded.productId,
  accountId: 'sandbox',
  store: 'edge',
  kind: 'extension',
  name: 'Sample',
  identity: null,
  parentId: null,
  data: {},
  createdAt: 0,
}

function packageOf(facts: { readonly [name: string]: Fact }): Package {
  return {
    id: 'p',
    productId: product.id,
    fileName: 'package.zip',
    blob: '0'.repeat(64),
    size: 1,
    inspectedAt: 0,
    format: 'extension',
    sound: true,
    facts,
    findings: [],
    ordinal: 1,
    createdAt: 0,
  }
}

const inLocales = (...locales: string[]) => packageOf({ locales })

function check(content: Content, pack: Package | null, live: Package | null | undefined) {
  return checkListings({
    product,
    content,
    packages: pack ? [pack] : [],
    live: live === undefined ? null : { content: {}, packages: live ? [live] : [] },
  })
}

const codes = (found: readonly { readonly code: string }[]) => found.map(({ code }) => code)

test('what the first release here brings is taken as listed', () => {
  assert.deepEqual(check({}, inLocales('en', 'de'), undefined), [])
  assert.deepEqual(
    check({}, inLocales('en', 'de'), null),
    [],
    'also where the release before was made elsewhere',
  )
})

test('a locale that is neither live nor listed is one finding about the module LISTING that names it', () => {
  assert.deepEqual(check({}, inLocales('en', 'fr', 'pt_BR'), inLocales('en')), [
    {
      code: 'edge-module-listing',
      severity: 'error',
      message: 'The package is new in fr, pt_BR, which has no listing. Add a description for it.',
      target: 'LISTING',
    },
  ])
})

test('a listing in any spelling of the locale makes up for it', () => {
  for (const language of ['pt-BR', 'pt_BR', 'PT-br']) {
    assert.deepEqual(
      check({ listings: { [language]: { description } } }, inLocales('pt_BR'), inLocales('en')),
      [],
    )
  }
})

test('where listings are kept here, each locale of the package needs one', () => {
  const content = { listings: { en: { description } } }
  assert.deepEqual(check(content, inLocales('en'), null), [])
  assert.deepEqual(codes(check(content, inLocales('en', 'fr'), null)), ['edge-module-listing'])
})

test('a package without locales, with fewer than before or none at all needs no listing', () => {
  assert.deepEqual(check({}, packageOf({}), inLocales('en')), [])
  assert.deepEqual(check({}, inLocales('en'), inLocales('en', 'de', 'fr')), [])
  assert.deepEqual(check({}, null, inLocales('en')), [])
})

test('only locales that translate what the manifest shows count, where the package says which', () => {
  const pack = packageOf({ locales: ['en', 'fr'], listingLocales: ['en'] })
  assert.deepEqual(check({}, pack, inLocales('en')), [])
})

test('a description has 250 to 10,000 characters', () => {
  const of = (length: number) =>
    codes(check({ listings: { en: { description: 'x'.repeat(length) } } }, null, null))
  assert.deepEqual(of(249), ['edge-listing-text'])
  assert.deepEqual(of(250), [])
  assert.deepEqual(of(10_000), [])
  assert.deepEqual(of(10_001), ['edge-listing-text'])
  assert.deepEqual(
    codes(check({ listings: { en: {} } }, null, null)),
    ['edge-listing-text'],
    'and must be there',
  )
})

test('search terms are at most 7, of at most 30 characters, with at most 21 words in all', () => {
  const of = (...searchTerms: string[]) =>
    codes(check({ listings: { en: { description, searchTerms } } }, null, null))
  assert.deepEqual(of(), [])
  assert.deepEqual(of(...Array<string>(7).fill('x'.repeat(30))), [])
  assert.deepEqual(of(...Array<string>(8).fill('x')), ['edge-listing-text'])
  assert.deepEqual(of('x'.repeat(31)), ['edge-listing-text'])
  assert.deepEqual(of(...Array<string>(7).fill('a b c')), [])
  assert.deepEqual(of(...Array<string>(6).fill('a b c'), 'a b c d'), ['edge-listing-text'])
})

test('every language is checked, and the finding says which', () => {
  const findings = check({ listings: { en: { description }, de: { description: 'kurz' } } }, null, null)
  assert.deepEqual(findings, [
    {
      code: 'edge-listing-text',
      severity: 'error',
      message: 'The de description has 4 characters; it needs 250 to 10,000.',
      target: 'listings.de.description',
    },
  ])
})

test('content of the wrong shape is refused when it is stored, each problem with its place', () => {
  const targets = (content: Content) => readListings(content).map(({ target }) => target)
  assert.deepEqual(targets({}), [])
  assert.deepEqual(targets({ anything: ['else'], listings: {} }), [])
  assert.deepEqual(targets({ listings: [] }), ['listings'])
  assert.deepEqual(targets({ listings: null }), ['listings'])
  assert.deepEqual(targets({ listings: { en: 'text', de: null } }), ['listings.en', 'listings.de'])
  assert.deepEqual(targets({ listings: { en: { description: 5, searchTerms: 'x' } } }), [
    'listings.en.description',
    'listings.en.searchTerms',
  ])
  assert.deepEqual(targets({ listings: { en: { searchTerms: ['x', 5] } } }), ['listings.en.searchTerms'])
})

test('the engine stores no content of the wrong shape', async () => {
  await using server = await startEdge()
  const draft = await server.engine.createSubmission(operator, seeded.productId)
  await assert.rejects(
    server.engine.updateSubmission(operator, { id: draft.id, content: { listings: { en: 5 } } }),
    (error) => error instanceof EngineError && error.code === 'invalid' && error.target === 'listings.en',
  )
  const { submission } = await server.engine.getSubmission(operator, draft.id)
  assert.deepEqual(submission.content, {})
})
