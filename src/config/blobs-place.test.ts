import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, readConfig } from '../config.ts'

const connection = 'DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=c2VjcmV0a2V5PT0='
const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'the secret' }

function placeOf(blobs: string, env: { [name: string]: string } = {}) {
  return readConfig({}, { SLIPWAY_BLOBS: blobs, ...env }).blobs
}

function problemOf(blobs: string, env: { [name: string]: string } = {}): string {
  try {
    placeOf(blobs, env)
  } catch (error) {
    if (error instanceof ConfigError && error.problems.length === 1) return error.problems[0] ?? ''
    throw error
  }
  throw new Error(`${blobs} is fine`)
}

test('packages are in the data folder unless a service is named', () => {
  assert.deepEqual(placeOf(''), { kind: 'disk' })
})

test('Azure: the account is that of the connection string, and clients upload to it', () => {
  assert.deepEqual(placeOf('azure://packages', { AZURE_STORAGE_CONNECTION_STRING: connection }), {
    kind: 'azure',
    account: 'contoso',
    key: 'c2VjcmV0a2V5PT0=',
    endpoint: 'https://contoso.blob.core.windows.net',
    publicEndpoint: 'https://contoso.blob.core.windows.net',
    container: 'packages',
    uploads: 'direct',
  })
})

test('Azure: the emulator’s endpoint, another one for clients, and uploads through the server', () => {
  const own =
    'AccountName=devstoreaccount1;AccountKey=a2V5;BlobEndpoint=http://azurite:10000/devstoreaccount1/;'
  const place = placeOf('azure://packages?public=http://localhost:10000/devstoreaccount1&uploads=through', {
    AZURE_STORAGE_CONNECTION_STRING: own,
  })
  assert.ok(place.kind === 'azure')
  assert.equal(place.endpoint, 'http://azurite:10000/devstoreaccount1')
  assert.equal(place.publicEndpoint, 'http://localhost:10000/devstoreaccount1')
  assert.equal(place.uploads, 'through')
})

test('S3: bucket, prefix, region, and keys where the machine has no role', () => {
  assert.deepEqual(placeOf('s3://packages/of/slipway/?region=eu-central-1', keys), {
    kind: 's3',
    bucket: 'packages',
    prefix: 'of/slipway/',
    region: 'eu-central-1',
    endpoint: null,
    credentials: { accessKeyId: 'id', secretAccessKey: 'the secret' },
  })
  const other = placeOf('s3://packages?endpoint=http://minio:9000', {
    ...keys,
    AWS_REGION: 'us-east-1',
    AWS_SESSION_TOKEN: 'token',
  })
  assert.deepEqual(other, {
    kind: 's3',
    bucket: 'packages',
    prefix: '',
    region: 'us-east-1',
    endpoint: 'http://minio:9000',
    credentials: { accessKeyId: 'id', secretAccessKey: 'the secret', sessionToken: 'token' },
  })
  const byRole = placeOf('s3://packages?region=eu-west-1')
  assert.ok(byRole.kind === 's3' && byRole.credentials === null)
})

for (const [blobs, env, says] of [
  ['/var/blobs', {}, /must be azure:\/\/CONTAINER or s3:\/\/BUCKET/],
  ['https://contoso.blob.core.windows.net/packages', {}, /must be azure:\/\/CONTAINER/],
  ['azure://packages', {}, /needs AZURE_STORAGE_CONNECTION_STRING/],
  ['azure://packages', { AZURE_STORAGE_CONNECTION_STRING: 'AccountName=contoso' }, /AccountKey/],
  ['azure://a', { AZURE_STORAGE_CONNECTION_STRING: connection }, /must name a container/],
  ['azure://packages/more', { AZURE_STORAGE_CONNECTION_STRING: connection }, /must name a container/],
  [
    'azure://packages?upload=direct',
    { AZURE_STORAGE_CONNECTION_STRING: connection },
    /\?upload= means nothing/,
  ],
  ['azure://packages?uploads=no', { AZURE_STORAGE_CONNECTION_STRING: connection }, /direct or through/],
  ['azure://packages?public=somewhere', { AZURE_STORAGE_CONNECTION_STRING: connection }, /http\(s\) URL/],
  ['s3://packages', keys, /needs \?region= or AWS_REGION/],
  ['s3://', { ...keys, AWS_REGION: 'x' }, /must name a bucket/],
  ['s3://packages?region=x', { AWS_ACCESS_KEY_ID: 'id' }, /both of AWS_ACCESS_KEY_ID and/],
  ['s3://packages?region=x&endpoint=minio', keys, /http\(s\) URL/],
  ['s3://id:secret@packages?region=x', keys, /must not have a key in it/],
  // Everything at once.
  ['s3://?region=', { AWS_SECRET_ACCESS_KEY: 's' }, /name a bucket.*needs \?region=.*both of/],
] as const) {
  test(`'${blobs}' with ${Object.keys(env).join(' and ') || 'nothing else'} is refused, without showing keys`, () => {
    const problem = problemOf(blobs, env)
    assert.match(problem, /^SLIPWAY_BLOBS: /)
    assert.match(problem, says)
    assert.doesNotMatch(problem, /the secret|c2VjcmV0|id:secret/)
  })
}
