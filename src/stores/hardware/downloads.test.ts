import assert from 'node:assert/strict'
import { createHash, verify, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { Constructed, fromBER, type Sequence } from 'asn1js'
import { buildMszipCab } from '../../../test/helpers/cab-builder.ts'
import { makeSigner, signCab } from '../../../test/helpers/cab-signer.ts'
import {
  downloadOf,
  driverCab,
  finish,
  hardwareClient,
  startHardware,
  unzip,
} from '../../../test/helpers/hardware-client.ts'
import { driverFolder } from '../../../test/helpers/inf-builder.ts'

test('the signed package is a ZIP of drivers/: INF files untouched, the catalog made anew', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const files = { ...driverFolder('one', 'first'), ...driverFolder('two', 'second') }
  const bytes = signCab(buildMszipCab(files), await makeSigner({ algorithm: 'ecdsa' }))
  const { productId, submissionId } = await client.publish({ bytes })
  const submission = await client.submission(productId, submissionId)
  const archive = unzip((await client.blob('GET', downloadOf(submission, 'signedPackage') ?? '')).bytes)
  assert.deepEqual([...archive.keys()].toSorted(), [
    'drivers/one/first.cat',
    'drivers/one/first.inf',
    'drivers/one/first.sys',
    'drivers/two/second.cat',
    'drivers/two/second.inf',
    'drivers/two/second.sys',
  ])
  assert.equal(archive.get('drivers/one/first.inf')?.toString(), files['one\\first.inf'])
  assert.equal(archive.get('drivers/two/second.sys')?.toString(), files['two\\second.sys'])
  assert.notEqual(archive.get('drivers/one/first.cat')?.toString(), 'catalog')
})

test('a catalog names the hash of every file and is signed by an authority that says it is not Microsoft', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { productId, submissionId } = await client.publish()
  const submission = await client.submission(productId, submissionId)
  const archive = unzip((await client.blob('GET', downloadOf(submission, 'signedPackage') ?? '')).bytes)
  const catalog = archive.get('drivers/contoso/contoso.cat') ?? Buffer.alloc(0)
  for (const name of ['contoso.inf', 'contoso.sys']) {
    const file = archive.get(`drivers/contoso/${name}`) ?? Buffer.alloc(0)
    assert.ok(catalog.includes(createHash('sha256').update(file).digest()), name)
    assert.ok(catalog.includes(Buffer.from(`${name}\0`, 'utf16le')), name)
  }
  // ContentInfo { signedData, [0] { version, digests, content, certificates, signers } }
  const signedData = children(children(children(fromBER(Uint8Array.from(catalog)).result)[1])[0])
  const [, , content, certificates, signers] = signedData
  const [signer, authority] = children(certificates).map(
    (each) => new X509Certificate(Buffer.from(each.toBER())),
  )
  assert.ok(signer && authority)
  assert.match(signer.subject, /not Microsoft/)
  assert.match(authority.subject, /Slipway driver signing authority \(not Microsoft\\?, trusted by nobody\)/)
  assert.ok(signer.verify(authority.publicKey) && authority.verify(authority.publicKey))
  assert.ok(signer.checkIssued(authority) && authority.ca && !signer.ca)
  const [, , , attributes, , signature] = children(children(signers)[0])
  const signed = Buffer.from(attributes?.toBER() ?? new ArrayBuffer(0))
  signed[0] = 0x31
  const value = (signature as unknown as { valueBlock: { valueHexView: Uint8Array } }).valueBlock.valueHexView
  assert.ok(verify('sha256', signed, signer.publicKey, value))
  // PKCS #7 hashes the list without its tag and length.
  const list = Buffer.from(children(children(content)[1])[0]?.toBER() ?? new ArrayBuffer(0))
  const length = (list[1] ?? 0) & 0x80 ? (list[1] ?? 0) & 0x7f : 0
  assert.ok(
    signed.includes(
      createHash('sha256')
        .update(list.subarray(2 + length))
        .digest(),
    ),
  )
})

function children(block: unknown): Sequence['valueBlock']['value'] {
  return block instanceof Constructed ? block.valueBlock.value : []
}

test('the authority is made once: two packages are signed by the same', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const issuers = new Set<string>()
  for (const name of ['one', 'two']) {
    const { productId, submissionId } = await client.publish({ bytes: await driverCab({ [name]: {} }) })
    const submission = await client.submission(productId, submissionId)
    const archive = unzip((await client.blob('GET', downloadOf(submission, 'signedPackage') ?? '')).bytes)
    const catalog = fromBER(Uint8Array.from(archive.get(`drivers/${name}/${name}.cat`) ?? [])).result
    const certificates = children(children(children(catalog)[1])[0])[3]
    issuers.add(
      new X509Certificate(Buffer.from(children(certificates)[1]?.toBER() ?? new ArrayBuffer(0)))
        .fingerprint256,
    )
  }
  assert.equal(issuers.size, 1)
})

test('driver metadata tells of every INF, by folder, in PascalCase, with lower-case ids for the systems asked for', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const bytes = await driverCab({ one: { ids: ['PCI\\VEN_1', 'PCI\\CC_2'] }, two: {} })
  const { productId, submissionId } = await client.publish({ bytes })
  const submission = await client.submission(productId, submissionId)
  const answer = await client.blob('GET', downloadOf(submission, 'driverMetadata') ?? '')
  const bundles = Object.entries<Record<string, Record<string, unknown>>>(answer.json.BundleInfoMap)
  assert.equal(bundles.length, 2)
  for (const [bundle] of bundles) assert.match(bundle, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  const id = { Manufacturer: 'Contoso', DeviceDescription: 'Contoso device', FeatureScore: null }
  const ids = { 'pci\\ven_1': id, 'pci\\cc_2': id }
  assert.deepEqual(bundles[0]?.[1], {
    Locales: [],
    InfInfoMap: {
      'one.inf': {
        DriverPackageFamilyId: 'Contoso-one.inf',
        InfClass: 'System',
        DriverVersion: '1.2.3.4',
        DriverDate: '2026-05-20T00:00:00',
        ExtensionId: null,
        Provider: 'Contoso',
        ClassGuid: '{4D36E97D-E325-11CE-BFC1-08002BE10318}',
        InstallationComputerHardwareIds: [],
        OSPnPInfoMap: { WINDOWS_v100_X64_RS3_FULL: ids, WINDOWS_v100_X64_GE_FULL: ids },
      },
    },
  })
})

test('signed URLs name the files as clients expect them, and every answer has fresh ones [7-28]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { productId, submissionId: sid } = await client.publish()
  const first = await client.submission(productId, sid)
  const names: [string, string, string][] = [
    ['initialPackage', `initial_${sid}.cab`, 'rwl'],
    ['signedPackage', `Signed_${sid}.zip`, 'rl'],
  ]
  for (const [type, name, permissions] of names) {
    const url = new URL(downloadOf(first, type) ?? '')
    assert.equal(url.searchParams.get('rscd'), `attachment; filename=${name}`)
    assert.equal(url.searchParams.get('sp'), permissions)
    const answer = await client.blob('GET', url.href)
    assert.equal(answer.headers['content-disposition'], `attachment; filename=${name}`)
  }
  server.clock.advance(5000)
  const later = await client.submission(productId, sid)
  assert.notEqual(downloadOf(later, 'signedPackage'), downloadOf(first, 'signedPackage'))
  const report = downloadOf(first, 'certificationReport') ?? ''
  assert.match(report, new RegExp(`/DownloadCertificationReport/\\d{8}/${productId}/${sid}$`))
})

test('a signed URL is good however its parameters are encoded, in any order, and with more of them [7-22][7-23]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { productId, submissionId } = await client.publish()
  const url = new URL(downloadOf(await client.submission(productId, submissionId), 'signedPackage') ?? '')
  const pairs = url.search.slice(1).split('&')
  const variants = [
    url.search.replaceAll('+', '%20'),
    url.search.replaceAll('%3A', ':'),
    `?${pairs.toReversed().join('&')}`,
    `${url.search}&timeout=30`,
  ]
  for (const search of variants) {
    assert.equal((await client.blob('GET', `http://x${url.pathname}${search}`)).status, 200, search)
  }
  const forged = url.search.replace('sp=rl', 'sp=rwl')
  assert.equal((await client.blob('GET', `http://x${url.pathname}${forged}`)).status, 403)
})

test('the place to upload to is empty at first, takes any type, and an upload before the commit replaces another [7-24][7-25]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const productId = await client.createProduct()
  const made = await client.createSubmission(productId)
  const url = downloadOf(made, 'initialPackage') ?? ''
  assert.equal((await client.blob('GET', url)).status, 404)
  const bytes = await driverCab()
  const put = (body: Uint8Array, headers: Record<string, string>) =>
    client.blob('PUT', url, body, {
      'x-ms-blob-type': 'BlockBlob',
      'content-length': String(body.length),
      ...headers,
    })
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'if-none-match': '*' }
  assert.equal((await put(Buffer.from('a=b&c'), form)).status, 201)
  assert.equal((await put(bytes, form)).status, 409)
  assert.equal((await put(bytes, {})).status, 201)
  await client.want(202, 'POST', `/products/${productId}/submissions/${made.id}/commit`)
  await finish(server)
  assert.equal((await client.submission(productId, made.id)).workflowStatus.state, 'completed')
  assert.deepEqual((await client.blob('GET', url)).bytes, bytes)
})

test('downloads are whole, by HEAD, and by ranges of either header [7-26]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { productId, submissionId } = await client.publish()
  const url = downloadOf(await client.submission(productId, submissionId), 'signedPackage') ?? ''
  const whole = await client.blob('GET', url)
  const head = await client.blob('HEAD', url)
  assert.equal(Number(head.headers['content-length']), whole.bytes.length)
  assert.equal(head.headers['x-ms-blob-type'], 'BlockBlob')
  for (const name of ['x-ms-range', 'range']) {
    const part = await client.blob('GET', url, undefined, { [name]: 'bytes=2-5' })
    assert.equal(part.status, 206)
    assert.equal(part.headers['content-range'], `bytes 2-5/${whole.bytes.length}`)
    assert.deepEqual(part.bytes, whole.bytes.subarray(2, 6))
    assert.equal(part.headers.etag, whole.headers.etag)
  }
})
