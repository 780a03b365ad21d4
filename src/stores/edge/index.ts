import { entraHosts, entraTokenEndpoint } from '../../protocols/entra.ts'
import type { Store } from '../store.ts'
import { edgeRoutes } from './routes.ts'
import { edgeSpec } from './spec.ts'

export const edge: Store = {
  spec: edgeSpec,
  hosts: ['api.addons.microsoftedge.microsoft.com', ...entraHosts],
  routes: edgeRoutes,
  protocols: [{ name: 'entra', routes: entraTokenEndpoint }],
}
