import type { Store } from '../store.ts'
import { amazonRoutes } from './routes.ts'
import { amazonSpec } from './spec.ts'

export const amazon: Store = {
  spec: amazonSpec({ certificate: 'warn', releaseNotes: 'blank' }),
  specFor: ({ amazon: settings }) => amazonSpec(settings),
  hosts: ['developer.amazon.com', 'api.amazon.com'],
  routes: amazonRoutes,
  protocols: [],
}
