import { Worker } from 'node:worker_threads'
import type { LocalPart } from '../blobs/blob-store.ts'
import type { Inspection } from '../formats/types.ts'
import type { Unpacked, Wanted } from './unpack-archive.ts'

/** Reads packages where they can do no harm: in a worker thread with bounded memory and time. */
export interface Inspector extends AsyncDisposable {
  /**
   * @throws InspectionFailed when the reader crashed, ran out of memory or took too long: no verdict at all,
   * which is never the same as no findings
   */
  inspect(request: InspectionRequest): Promise<Inspection>
  /**
   * Unpacks files of an archive into a folder.
   * @throws InspectionFailed as {@link inspect}; the system's error when the folder has no room
   */
  unpack(request: UnpackRequest): Promise<Unpacked>
  /**
   * Makes a file of a package, at `path`, which must not exist.
   * @throws InspectionFailed as {@link inspect}; the system's error when the folder has no room
   */
  make(request: MakeRequest): Promise<Made>
}

export interface InspectionRequest {
  readonly parts: readonly LocalPart[]
  /** The file name the client gave, which chooses the format where the bytes alone do not. */
  readonly name: string
  /** Bytes; longer packages are given more time. */
  readonly size: number
}

export interface UnpackRequest extends InspectionRequest {
  readonly wanted: readonly Wanted[]
  readonly folder: string
}

export interface MakeRequest extends InspectionRequest {
  /** One of `formats/makers.ts`. */
  readonly maker: string
  readonly path: string
  readonly key: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly options: { readonly [name: string]: unknown }
}

export type Made = { readonly path: string }

export type Request = InspectionRequest | UnpackRequest | MakeRequest

export class InspectionFailed extends Error {
  override readonly name = 'InspectionFailed'
}

export interface InspectorLimits {
  readonly memoryMb: number
  /** Milliseconds for a small package. */
  readonly timeMs: number
  /** Milliseconds more for each MiB. */
  readonly timePerMiB: number
  /** Threads at most. */
  readonly threads: number
  /** A thread without work ends after so many milliseconds. */
  readonly idleMs: number
}

export const inspectionWorker = new URL('./inspection-start.ts', import.meta.url)

export const defaultInspectorLimits: InspectorLimits = {
  memoryMb: 256,
  timeMs: 60_000,
  timePerMiB: 200,
  threads: 2,
  idleMs: 10_000,
}

/** What a reader throws away at once needs little room; V8 would take 48 MiB for it before it looks. */
const youngMb = 8

interface Thread {
  readonly worker: Worker
  idle: NodeJS.Timeout | undefined
}

/** @param script what the threads run: answers every {@link Request} with one {@link Answer} */
export function createInspector(
  limits: InspectorLimits = defaultInspectorLimits,
  script: URL = inspectionWorker,
): Inspector {
  const free: Thread[] = []
  const all = new Set<Thread>()
  const waiting: PromiseWithResolvers<Thread>[] = []
  let disposed = false

  function startThread(): Thread {
    const worker = new Worker(script, {
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb, maxYoungGenerationSizeMb: youngMb },
    })
    worker.unref()
    const thread: Thread = { worker, idle: undefined }
    // Met by whoever waits for an answer; an idle thread only has to be forgotten.
    worker.on('error', () => {})
    worker.on('exit', () => {
      if (free.includes(thread)) forget(thread)
    })
    all.add(thread)
    return thread
  }

  async function take(): Promise<Thread> {
    const ready = free.pop()
    if (ready) {
      clearTimeout(ready.idle)
      return ready
    }
    if (all.size < limits.threads) return startThread()
    const turn = Promise.withResolvers<Thread>()
    waiting.push(turn)
    return turn.promise
  }

  function giveBack(thread: Thread): void {
    const next = waiting.shift()
    if (next) {
      next.resolve(thread)
      return
    }
    thread.idle = setTimeout(() => end(thread), limits.idleMs)
    thread.idle.unref()
    free.push(thread)
  }

  function end(thread: Thread): void {
    forget(thread)
    void thread.worker.terminate()
    const next = disposed ? undefined : waiting.shift()
    if (next) next.resolve(startThread())
  }

  function forget(thread: Thread): void {
    clearTimeout(thread.idle)
    all.delete(thread)
    const position = free.indexOf(thread)
    if (position >= 0) free.splice(position, 1)
  }

  async function work<T>(request: Request): Promise<T> {
    if (disposed) throw new InspectionFailed('the server is stopping')
    const thread = await take()
    const time = limits.timeMs + (request.size / 1024 ** 2) * limits.timePerMiB
    try {
      const result = await ask(thread.worker, request, time)
      giveBack(thread)
      return result as T
    } catch (error) {
      end(thread)
      throw error
    }
  }

  return {
    inspect: (request) => work<Inspection>(request),
    unpack: (request) => work<Unpacked>(request),
    make: (request) => work<Made>(request),
    async [Symbol.asyncDispose]() {
      disposed = true
      for (const turn of waiting.splice(0)) turn.reject(new InspectionFailed('the server is stopping'))
      await Promise.all([...all].map((thread) => thread.worker.terminate()))
    },
  }
}

export type Answer = { result: Inspection | Unpacked | Made } | { error: string }

function ask(worker: Worker, request: Request, time: number): Promise<Inspection | Unpacked | Made> {
  const { promise, resolve, reject } = Promise.withResolvers<Inspection | Unpacked | Made>()
  const fail = (reason: string) => reject(new InspectionFailed(`${request.name}: ${reason}`))
  const timer = setTimeout(() => fail(`not done after ${Math.round(time)} ms`), time)
  const onMessage = (answer: Answer) => {
    if ('result' in answer) resolve(answer.result)
    else fail(answer.error)
  }
  const onError = (error: Error) => fail(error.message)
  const onExit = () => fail('the inspection thread ended')
  worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  worker.postMessage(request)
  return promise.finally(() => {
    clearTimeout(timer)
    worker.off('message', onMessage).off('error', onError).off('exit', onExit)
  })
}
