/** What Azure Blob Storage and S3 have in common: named bytes, in one flat space. */
export interface Objects {
  /** Writes a small object in one request, over what was there. */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** Begins an object that is there, over what was there, once it is finished. */
  begin(key: string): Promise<ObjectUpload>
  /** Copies an object inside the service; `size` is its bytes. */
  copy(from: string, to: string, size: number): Promise<void>
  /** Bytes of an object, all of them without a range; undefined when there is none. May be fewer than there are. */
  read(key: string, range?: { start: number; length: number }): Promise<Uint8Array | undefined>
  head(key: string): Promise<ObjectHead | undefined>
  /** Some of the objects whose keys begin with `prefix`. */
  list(prefix: string, from: string | null): Promise<ObjectPage>
  /** Removes an object, or does nothing. */
  remove(key: string): Promise<void>
  /** Gives up uploads that were begun and never finished: a bounded number a call. */
  abandonUploads(unless: { youngerThanMs: number }): Promise<void>
}

export interface ObjectHead {
  readonly size: number
  readonly ageMs: number
}

export interface ObjectPage {
  readonly objects: readonly { readonly key: string; readonly ageMs: number }[]
  readonly next: string | null
}

export interface ObjectUpload {
  /** Parts are counted from 1; several may be on their way. The memory is the caller's again when it resolves. */
  part(number: number, bytes: Uint8Array): Promise<void>
  /** Makes the object of parts 1 to `count`. */
  finish(count: number): Promise<void>
  /** Gives it up, as far as the service lets one. */
  abort(): Promise<void>
}
