/** One event of a stream, as far as this API uses them. */
export interface Message {
  readonly id: string
  readonly data: string
}

/** The messages of a `text/event-stream` (HTML Living Standard 9.2.6); what the end cuts off is dropped. */
export async function* readMessages(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true })
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const message = parse(block)
      if (message) yield message
    }
  }
}

function parse(block: string): Message | undefined {
  let id = ''
  const data: string[] = []
  for (const line of block.split('\n')) {
    const [field, value] = fieldOf(line)
    if (field === 'id') id = value
    if (field === 'data') data.push(value)
  }
  return data.length === 0 ? undefined : { id, data: data.join('\n') }
}

function fieldOf(line: string): [field: string, value: string] {
  const colon = line.indexOf(':')
  if (colon < 0) return [line, '']
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
}
