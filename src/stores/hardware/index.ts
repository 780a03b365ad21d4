import { blobHosts, blockBlob } from '../../protocols/block-blob.ts'
import { entraHosts, entraTokenEndpoint } from '../../protocols/entra.ts'
import type { Store } from '../store.ts'
import { hardwareRoutes } from './routes/index.ts'
import { hardwareSpec } from './spec.ts'

export const hardware: Store = {
  spec: hardwareSpec,
  hosts: ['manage.devcenter.microsoft.com', ...entraHosts, ...blobHosts],
  routes: hardwareRoutes,
  protocols: [
    { name: 'entra', routes: entraTokenEndpoint },
    { name: 'blob', routes: blockBlob },
  ],
}
