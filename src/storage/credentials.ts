import type { Credential, CredentialKind, Role } from '../engine/types.ts'
import { compiled } from './compiled.ts'
import type { Tx } from './database.ts'
import type { CredentialRow } from './schema.ts'

export async function insert(tx: Tx, credential: Credential): Promise<void> {
  await tx.db.insertInto('credential').values(credential).execute()
}

export async function find(tx: Tx, id: string): Promise<Credential | undefined> {
  const [row] = await selectById(tx, id)
  return row && fromRow(row)
}

const selectById = compiled<CredentialRow, [id: string]>((db, id) =>
  db.selectFrom('credential').selectAll().where('id', '=', id),
)

/** All of a client's credentials of one kind, expired and revoked ones included. */
export async function byClient(tx: Tx, kind: CredentialKind, clientId: string): Promise<Credential[]> {
  return (await selectByClient(tx, clientId, kind)).map(fromRow)
}

const selectByClient = compiled<CredentialRow, [clientId: string, kind: string]>((db, clientId, kind) =>
  db.selectFrom('credential').selectAll().where('clientId', '=', clientId).where('kind', '=', kind),
)

/** For secrets that say nothing of whose they are: native API tokens. */
export async function byHash(tx: Tx, kind: CredentialKind, hash: string): Promise<Credential | undefined> {
  const row = await tx.db
    .selectFrom('credential')
    .selectAll()
    .where('hash', '=', hash)
    .where('kind', '=', kind)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function byAccount(tx: Tx, accountId: string): Promise<Credential[]> {
  const rows = await tx.db
    .selectFrom('credential')
    .selectAll()
    .where('accountId', '=', accountId)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

export async function hasTenant(tx: Tx, tenantId: string): Promise<boolean> {
  const row = await tx.db
    .selectFrom('credential')
    .select('id')
    .where('tenantId', '=', tenantId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function revoke(tx: Tx, id: string, at: number): Promise<void> {
  await tx.db.updateTable('credential').set({ revokedAt: at }).where('id', '=', id).execute()
}

function fromRow(row: CredentialRow): Credential {
  return { ...row, kind: row.kind as CredentialKind, role: row.role as Role }
}
