import type { Finding, Operation, OperationKind, OperationStatus, Refusal } from '../engine/types.ts'
import { compiled } from './compiled.ts'
import type { Tx } from './database.ts'
import type { OperationRow } from './schema.ts'

export async function insert(tx: Tx, operation: Operation): Promise<void> {
  await tx.db.insertInto('operation').values(toRow(operation)).execute()
}

export async function save(tx: Tx, operation: Operation): Promise<void> {
  const { id, ...columns } = toRow(operation)
  await tx.db.updateTable('operation').set(columns).where('id', '=', id).execute()
}

export async function get(tx: Tx, id: string): Promise<Operation | undefined> {
  const [row] = await selectById(tx, id)
  return row && fromRow(row)
}

const selectById = compiled<OperationRow, [id: string]>((db, id) =>
  db.selectFrom('operation').selectAll().where('id', '=', id),
)

/** Everybody's, in the order they were accepted. */
export async function since(tx: Tx, time: number): Promise<Operation[]> {
  const rows = await tx.db
    .selectFrom('operation')
    .selectAll()
    .where('createdAt', '>=', time)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

function toRow(operation: Operation): OperationRow {
  return { ...operation, findings: JSON.stringify(operation.findings) }
}

function fromRow(row: OperationRow): Operation {
  return {
    ...row,
    kind: row.kind as OperationKind,
    status: row.status as OperationStatus,
    refusal: row.refusal as Refusal | null,
    findings: JSON.parse(row.findings) as Finding[],
  }
}
