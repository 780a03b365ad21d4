import { amazon } from './amazon/index.ts'
import { edge } from './edge/index.ts'
import { hardware } from './hardware/index.ts'
import { microsoft } from './microsoft/index.ts'
import type { Store } from './store.ts'

/** Every store this server speaks; a new one adds its line here. */
export const stores: readonly Store[] = [amazon, edge, hardware, microsoft]
