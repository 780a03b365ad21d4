// `slipway run` has every Node that a client starts require this file, by NODE_OPTIONS. Node before 22.21 and 24.5
// lets `fetch` past every proxy, and a client may open sockets of its own; both would reach the real store. What
// goes to a store's host is sent to the sandbox here, this machine is left alone, all else is refused.
// It must run on any Node, so it is neither TypeScript nor a module.
'use strict'

const net = require('node:net')

const hosts = new Set((process.env.SLIPWAY_RUN_HOSTS || '').split(','))
const tlsPort = Number(process.env.SLIPWAY_RUN_TLS_PORT)
const proxyPort = Number(process.env.SLIPWAY_RUN_PROXY_PORT)
const connect = net.Socket.prototype.connect

net.Socket.prototype.connect = function (...args) {
  // net.connect hands its arguments over as one list, marked as being in order.
  const list = Array.isArray(args[0]) ? args[0] : args
  const options = optionsOf(list)
  if (options.path || isThisMachine(options.host)) return connect.apply(this, args)
  const host = options.host.toLowerCase()
  if (hosts.has(host) && Number(options.port) === 443) {
    list[0] = { ...options, host: '127.0.0.1', port: tlsPort }
    return connect.apply(this, args)
  }
  tellProxy(host, options.port)
  const message = `slipway run: ${host}:${options.port} is no store of the sandbox; the client was kept from reaching it`
  process.nextTick(() => this.destroy(Object.assign(new Error(message), { code: 'ECONNREFUSED' })))
  return this
}

/** Of `connect(options)`, `connect(port, host)` and `connect(path)`. */
function optionsOf([first, second]) {
  if (typeof first === 'object' && first !== null) return first
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first }
  return { port: first, host: typeof second === 'string' ? second : undefined }
}

function isThisMachine(host) {
  return (
    !host ||
    /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|0\.0\.0\.0|::)$/i.test(host)
  )
}

/** It refuses too, and the report of the run has it. */
function tellProxy(host, port) {
  const socket = new net.Socket()
  connect.call(socket, { host: '127.0.0.1', port: proxyPort })
  socket.on('error', () => {})
  socket.resume()
  socket.end(`CONNECT ${host}:${port} HTTP/1.1\r\nhost: ${host}:${port}\r\n\r\n`)
}
