/** The shape Microsoft's own curl sample sends, which is no JSON: `{ "notes"="text" }` (edge-addons.md 1.3). */
const sampleStart = /^\{\s{0,16}"?notes"?\s{0,16}=\s{0,16}"/

/**
 * The notes for certification in a publish body, whatever form a client chose and whatever its Content-Type
 * says (edge-addons.md 1.3; the order is INFERRED there): a JSON object, the sample's shape, a form, or text.
 */
export function readNotes(body: string): string {
  const text = body.trim()
  if (text === '') return ''
  return fromJson(text) ?? fromSample(text) ?? fromForm(text) ?? body
}

function fromJson(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const { notes } = JSON.parse(text) as { notes?: unknown }
    return typeof notes === 'string' ? notes : ''
  } catch {
    return undefined
  }
}

function fromSample(text: string): string | undefined {
  const start = sampleStart.exec(text)
  if (!start || !text.endsWith('}')) return undefined
  const end = text.lastIndexOf('"')
  return end >= start[0].length ? text.slice(start[0].length, end) : undefined
}

/** Only a form whose first field is `notes`: prose that somebody labelled as a form must stay as it is. */
function fromForm(text: string): string | undefined {
  if (!text.startsWith('notes=')) return undefined
  return new URLSearchParams(text).get('notes') ?? undefined
}
