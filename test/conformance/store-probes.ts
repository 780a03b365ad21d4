import assert from 'node:assert/strict'
import type { FastifyReply } from 'fastify'
import { sendError as sendAmazonError } from '../../src/stores/amazon/errors.ts'
import { sendError as sendEdgeError } from '../../src/stores/edge/errors.ts'
import { sendError as sendHardwareError } from '../../src/stores/hardware/errors.ts'
import { sendError as sendMicrosoftError } from '../../src/stores/microsoft/errors.ts'
import { tokenOf as amazonTokenOf, apiRoot, seededApp } from '../helpers/amazon-client.ts'
import { edgePaths, keyHeaders, seeded, zeroGuid } from '../helpers/edge-client.ts'
import { seededStore, tokenOf } from '../helpers/microsoft-client.ts'
import type { TestServer } from '../helpers/start-server.ts'

export interface Probed {
  readonly status: number
  readonly headers: { readonly [name: string]: unknown }
  readonly body: string
}

export interface Probe {
  readonly method: 'GET' | 'POST'
  readonly url: string
}

type Headers = { readonly [name: string]: string }

/** What the conformance suite has to know of a store to try it: a new store adds its entry here. */
export interface StoreProbes {
  /** Headers that the sandbox's seed makes good; made on the server where they are tokens. */
  readonly credentials: Headers | ((server: TestServer) => Promise<Headers>)
  /** Something of the seed that a good client finds, and its status. */
  readonly known: Probe & { readonly status: number }
  /** The same of a product that nobody has, and what the store answers then. */
  readonly unknownProduct: Probe & { readonly status: 400 | 403 | 404 }
  /** A path of the store's, below its prefix, that it does not have. */
  readonly unknownPath: Probe & { readonly status?: 400 }
  /** Fails unless an error is in the store's own shape. */
  assertShape(error: Probed): void
  sendError(error: unknown, reply: FastifyReply): unknown
}

export const probes: { readonly [store: string]: StoreProbes } = {
  amazon: {
    credentials: async (server) => ({ authorization: `Bearer ${await amazonTokenOf(server)}` }),
    known: { method: 'GET', url: `${apiRoot}/${seededApp.appId}/edits`, status: 200 },
    unknownProduct: { method: 'GET', url: `${apiRoot}/com.example.nobody/edits`, status: 400 },
    // The gateway in front of the service knows its paths (amazon-appstore.md 5.1).
    unknownPath: { method: 'GET', url: `${apiRoot}/${seededApp.appId}/releases`, status: 400 },
    assertShape({ headers, status, body }) {
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
      const { Message, httpCode, message, errors } = JSON.parse(body) as { [member: string]: unknown }
      if (status >= 500) assert.equal(body, '{}')
      else if (Message === undefined) {
        assert.equal(httpCode, status)
        assert.equal(typeof message, 'string')
        assert.ok(Array.isArray(errors) && errors.length > 0)
      } else assert.equal(typeof Message, 'string')
    },
    sendError: sendAmazonError,
  },
  edge: {
    credentials: keyHeaders,
    known: { method: 'POST', url: edgePaths().submissions, status: 202 },
    unknownProduct: { method: 'POST', url: edgePaths(zeroGuid).submissions, status: 404 },
    unknownPath: { method: 'GET', url: `/v1/products/${seeded.productId}/packages` },
    assertShape({ headers, body }) {
      // Mostly nothing at all; the gateway's JSON has a message (edge-addons.md 1.6).
      if (body === '') {
        assert.equal(headers['content-type'], undefined)
        assert.equal(headers['content-length'], '0')
        return
      }
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
      assert.equal(typeof (JSON.parse(body) as { message?: unknown }).message, 'string')
    },
    sendError: sendEdgeError,
  },
  hardware: {
    credentials: async (server) => ({ authorization: `Bearer ${await tokenOf(server)}` }),
    // Clients make their products themselves, so that the seed has none.
    known: { method: 'GET', url: '/v2.0/my/hardware/products', status: 200 },
    unknownProduct: { method: 'GET', url: '/v2.0/my/hardware/products/14631253285588838', status: 404 },
    unknownPath: { method: 'GET', url: '/v2.0/my/hardware/drivers' },
    assertShape({ headers, status, body }) {
      // Of the service, or of the gateway before it (microsoft-hardware.md 5.1).
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
      const { error, statusCode, message } = JSON.parse(body) as {
        error?: { code?: unknown; message?: unknown }
        statusCode?: unknown
        message?: unknown
      }
      if (error === undefined) {
        assert.equal(statusCode, status)
        assert.equal(typeof message, 'string')
      } else {
        assert.equal(typeof error.code, 'string')
        assert.equal(typeof error.message, 'string')
      }
    },
    sendError: sendHardwareError,
  },
  microsoft: {
    credentials: async (server) => ({ authorization: `Bearer ${await tokenOf(server)}` }),
    known: { method: 'GET', url: `/v1.0/my/applications/${seededStore.appId}`, status: 200 },
    unknownProduct: { method: 'GET', url: '/v1.0/my/applications/9NBLGGH4R315', status: 404 },
    unknownPath: { method: 'GET', url: `/v1.0/my/applications/${seededStore.appId}/submissions` },
    assertShape({ headers, body }) {
      // Three shapes, all of them JSON objects with a message (microsoft-store.md 5).
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
      const { message, code, statusCode } = JSON.parse(body) as { [member: string]: unknown }
      assert.equal(typeof message, 'string')
      assert.ok(typeof code === 'string' || typeof statusCode === 'number')
    },
    sendError: sendMicrosoftError,
  },
}
