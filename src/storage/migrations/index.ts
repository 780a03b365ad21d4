import type { Kysely } from 'kysely'
import * as foundation from './0001-foundation.ts'
import * as stores from './0002-stores.ts'
import * as processes from './0003-processes.ts'
import * as jobs from './0004-jobs.ts'
import * as collection from './0005-collection.ts'
import * as lookups from './0006-lookups.ts'
import * as directUploads from './0007-direct-uploads.ts'

/** In order; a migration that has landed is never edited, only followed by another. */
export const migrations: readonly { name: string; up(db: Kysely<unknown>): Promise<void> }[] = [
  { name: '0001-foundation', up: foundation.up },
  { name: '0002-stores', up: stores.up },
  { name: '0003-processes', up: processes.up },
  { name: '0004-jobs', up: jobs.up },
  { name: '0005-collection', up: collection.up },
  { name: '0006-lookups', up: lookups.up },
  { name: '0007-direct-uploads', up: directUploads.up },
]
