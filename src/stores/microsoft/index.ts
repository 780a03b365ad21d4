import { blobHosts, blockBlob } from '../../protocols/block-blob.ts'
import { entraHosts, entraTokenEndpoint } from '../../protocols/entra.ts'
import type { Store } from '../store.ts'
import { preflight } from './preflight.ts'
import { microsoftRoutes } from './routes/index.ts'
import { microsoftSpec } from './spec.ts'

export const microsoft: Store = {
  spec: microsoftSpec,
  hosts: ['manage.devcenter.microsoft.com', ...entraHosts, ...blobHosts],
  routes: microsoftRoutes,
  preflight,
  protocols: [
    { name: 'entra', routes: entraTokenEndpoint },
    { name: 'blob', routes: blockBlob },
  ],
}
