import type { FastifyInstance } from 'fastify'
import type { Mounting, Routes } from '../../store.ts'
import { sendError } from '../errors.ts'
import { roots } from '../links.ts'
import { GatewayRefusal } from '../refusals.ts'
import { callsOf, type Ids } from './call.ts'
import { cancelLabel, createLabel, getLabel, listLabels, patchLabel } from './labels.ts'
import { findRelated, listAudiences } from './lookups.ts'
import { downloadAsset, getAsset, getPackage, listAssets, putPackage } from './preprod.ts'
import { createProduct, getProduct, listProducts, patchProduct } from './products.ts'
import {
  commitSubmission,
  createPublisherMetadata,
  createSubmission,
  getSubmission,
  listSubmissions,
  patchSubmission,
} from './submissions.ts'

/** The 22 routes of microsoft-hardware.md section 1, under each root the service has had. */
export const hardwareRoutes: Routes = (app, mounting) => {
  for (const root of roots) {
    app.register((scope) => endpoints(scope, mounting, root), { prefix: root })
  }
}

const correlation = ['ms-correlationid', 'ms-requestid'] as const

async function endpoints(app: FastifyInstance, mounting: Mounting, root: string): Promise<void> {
  app.setErrorHandler((error, _request, reply) => sendError(error, reply))
  app.setNotFoundHandler((_request, reply) => sendError(new GatewayRefusal(404, 'Resource not found'), reply))
  app.addHook('onRequest', async (request, reply) => {
    // Clients find their own ids in their logs (microsoft-hardware.md 7-40, INFERRED).
    for (const name of correlation) {
      const id = request.headers[name]
      if (typeof id === 'string' && isHeaderText(id)) reply.header(name, id)
    }
  })
  const call = callsOf(mounting, root)
  const product = '/products/:productId'
  const submission = `${product}/submissions/:submissionId`
  const label = `${submission}/shippingLabels/:labelId`
  const related = `/products/relationships/sourcepubliherid/:publisherId/sourceproductid/:productId/sourcesubmissionid/:submissionId`
  const preprod = '/preprod/packages/:packageId'
  type Path = { Params: Ids }
  app.get<Path>('/products', call(listProducts))
  app.post<Path>('/products', call(createProduct))
  app.get<Path>(product, call(getProduct))
  app.patch<Path>(product, call(patchProduct))
  app.get<Path>(`${product}/submissions`, call(listSubmissions))
  app.post<Path>(`${product}/submissions`, call(createSubmission))
  app.get<Path>(submission, call(getSubmission))
  app.patch<Path>(submission, call(patchSubmission))
  app.post<Path>(`${submission}/commit`, call(commitSubmission))
  app.post<Path>(`${submission}/createpublishermetadata`, call(createPublisherMetadata))
  app.get<Path>(related, call(findRelated))
  app.get<Path>(`${submission}/shippingLabels`, call(listLabels))
  app.post<Path>(`${submission}/shippingLabels`, call(createLabel))
  app.get<Path>(label, call(getLabel))
  app.patch<Path>(label, call(patchLabel))
  app.put<Path>(`${label}/cancel`, call(cancelLabel))
  for (const path of ['/audiences', '/audience']) app.get<Path>(path, call(listAudiences))
  app.put<Path>('/preprod/packages', call(putPackage))
  app.get<Path>(preprod, call(getPackage))
  app.get<Path>(`${preprod}/assets`, call(listAssets))
  app.get<Path>(`${preprod}/assets/:assetId`, call(getAsset))
  app.get<Path>(`${preprod}/assets/:assetId/download`, call(downloadAsset))
}

function isHeaderText(id: string): boolean {
  return /^[\x20-\x7e]{1,200}$/.test(id)
}
