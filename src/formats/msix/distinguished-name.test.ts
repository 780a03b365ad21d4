import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatName, parsePublisher, sameName } from './distinguished-name.ts'

const parse = (text: string) => {
  const parts = parsePublisher(text)
  assert.ok(parts, text)
  return parts
}

test('a publisher is read attribute by attribute', () => {
  assert.deepEqual(parse('CN=Contoso, O="Contoso, ""Ltd""", OID.1.2.3=x y, C=US'), [
    { type: '2.5.4.3', value: 'Contoso' },
    { type: '2.5.4.10', value: 'Contoso, "Ltd"' },
    { type: '1.2.3', value: 'x y' },
    { type: '2.5.4.6', value: 'US' },
  ])
})

test('what the schema does not allow is no publisher', () => {
  const wrong = [
    '',
    'Contoso',
    'CN=',
    'CN= ',
    'XX=a',
    'cn=a',
    'CN=a,O=b',
    'CN=a,  O=b',
    'CN=a, ',
    'CN=a O=b',
    'CN=a+O=b',
    'CN=a;O=b',
    'CN="a',
    'CN="a"b',
    'CN=<a>',
    'OID.01.2=a',
    'OID.1=a',
    ', CN=a',
    `CN=${'x'.repeat(8192)}`,
  ]
  for (const text of wrong) assert.equal(parsePublisher(text), undefined, text)
})

test('names are the same whatever their case, spacing and quoting, but not in another order', () => {
  const name = parse('CN=Contoso Software, O="Contoso Ltd", C=US')
  assert.ok(sameName(name, parse('CN=contoso  software, O=Contoso Ltd, C=us')))
  for (const other of [
    'C=US, O=Contoso Ltd, CN=Contoso Software',
    'CN=Contoso Software',
    'CN=Contoso Software, OU=Contoso Ltd, C=US',
  ]) {
    assert.ok(!sameName(name, parse(other)), other)
  }
})

test('a formatted name reads back as the same name', () => {
  for (const text of ['CN=Contoso', 'CN="a, b", OID.1.2.3.4=z, E=x@y', 'CN="say ""hi""", DC=com']) {
    assert.equal(formatName(parse(text)), text)
  }
})

test('a hostile publisher is judged in linear time', () => {
  const start = process.cpuUsage()
  for (const text of [
    'CN="'.repeat(2000),
    `CN=${'"'.repeat(8000)}`,
    'CN=a, '.repeat(1300),
    `OID.${'1.'.repeat(4000)}`,
  ]) {
    parsePublisher(text)
  }
  assert.ok(process.cpuUsage(start).user < 500_000)
})
