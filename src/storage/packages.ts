import type { Finding, Package } from '../engine/types.ts'
import { compiled } from './compiled.ts'
import type { Tx } from './database.ts'
import type { PackageRow } from './schema.ts'

export async function insert(tx: Tx, pack: Package): Promise<void> {
  await tx.db.insertInto('package').values(toRow(pack)).execute()
}

export async function save(tx: Tx, pack: Package): Promise<void> {
  const { id, ...columns } = toRow(pack)
  await tx.db.updateTable('package').set(columns).where('id', '=', id).execute()
}

export async function get(tx: Tx, id: string): Promise<Package | undefined> {
  const row = await tx.db.selectFrom('package').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** Those of the ids that are the product's packages, in their order: a release made elsewhere names files nobody has. */
export async function known(tx: Tx, productId: string, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await tx.db
    .selectFrom('package')
    .select('id')
    .where('productId', '=', productId)
    .where('id', 'in', ids)
    .execute()
  const found = new Set(rows.map((row) => row.id))
  return [...new Set(ids)].filter((id) => found.has(id))
}

/** One more than any package of the product has. */
export async function nextOrdinal(tx: Tx, productId: string): Promise<number> {
  const [row] = await selectNewest(tx, productId)
  return (row?.ordinal ?? 0) + 1
}

const selectNewest = compiled<Pick<PackageRow, 'ordinal'>, [productId: string]>((db, productId) =>
  db
    .selectFrom('package')
    .select('ordinal')
    .where('productId', '=', productId)
    .orderBy('ordinal', 'desc')
    .limit(1),
)

/** Newest first. */
export async function byProduct(tx: Tx, productId: string, limit: number): Promise<Package[]> {
  const rows = await tx.db
    .selectFrom('package')
    .selectAll()
    .where('productId', '=', productId)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** In the order the submission lists them. */
export async function ofSubmission(tx: Tx, submissionId: string): Promise<Package[]> {
  return (await selectOfSubmission(tx, submissionId)).map(fromRow)
}

const selectOfSubmission = compiled<PackageRow, [submissionId: string]>((db, submissionId) =>
  db
    .selectFrom('submissionPackage')
    .innerJoin('package', 'package.id', 'submissionPackage.packageId')
    .selectAll('package')
    .where('submissionPackage.submissionId', '=', submissionId)
    .orderBy('submissionPackage.position'),
)

export async function setOfSubmission(tx: Tx, submissionId: string, packageIds: string[]): Promise<void> {
  await tx.db.deleteFrom('submissionPackage').where('submissionId', '=', submissionId).execute()
  if (packageIds.length === 0) return
  await tx.db
    .insertInto('submissionPackage')
    .values(packageIds.map((packageId, position) => ({ submissionId, packageId, position })))
    .execute()
}

function toRow(pack: Package): PackageRow {
  return {
    ...pack,
    sound: pack.sound ? 1 : 0,
    facts: JSON.stringify(pack.facts),
    findings: JSON.stringify(pack.findings),
  }
}

function fromRow(row: PackageRow): Package {
  return {
    ...row,
    sound: row.sound === 1,
    facts: JSON.parse(row.facts) as Package['facts'],
    findings: JSON.parse(row.findings) as Finding[],
  }
}
