import type { XmlAttribute, XmlElement } from '../axml/document.ts'
import { asBoolean, asText, type ResourceValue } from '../axml/value.ts'
import type { Resolver } from '../resources/resolve.ts'
import { type AttributeName, attributeId } from './attribute-ids.ts'

/** Nothing a manifest says is longer; facts and findings must stay small. */
const longestText = 4096

/** Facts are stored as JSON, and PostgreSQL takes no NUL in it. */
const cut = (text: string | undefined): string | undefined =>
  text?.slice(0, longestText).toWellFormed().replaceAll('\0', '\ufffd')

/** The attributes of one element, typed and resolved; texts are cut after a page. */
export class ElementAttributes {
  readonly #byId = new Map<number, XmlAttribute>()
  readonly #plain = new Map<string, XmlAttribute>()
  readonly #resources: Resolver

  constructor(element: XmlElement, resources: Resolver) {
    this.#resources = resources
    for (const attribute of element.attributes()) {
      const { resourceId, namespace, name } = attribute
      if (resourceId !== 0) addFirst(this.#byId, resourceId, attribute)
      if (namespace === undefined && name !== undefined) addFirst(this.#plain, name, attribute)
    }
  }

  /** An attribute without namespace, such as `package`, which must be a literal. */
  plain(name: string): string | undefined {
    const attribute = this.#plain.get(name)
    return attribute === undefined ? undefined : cut(asText(attribute))
  }

  value(name: AttributeName): ResourceValue | undefined {
    const attribute = this.#byId.get(attributeId[name])
    return attribute === undefined ? undefined : this.#resources.value(attribute)
  }

  text(name: AttributeName): string | undefined {
    const attribute = this.#byId.get(attributeId[name])
    return attribute === undefined ? undefined : cut(this.#resources.text(attribute))
  }

  integer(name: AttributeName): number | undefined {
    const attribute = this.#byId.get(attributeId[name])
    return attribute === undefined ? undefined : this.#resources.integer(attribute)
  }

  boolean(name: AttributeName): boolean | undefined {
    const value = this.value(name)
    return value === undefined ? undefined : asBoolean(value)
  }

  file(name: AttributeName): string | undefined {
    const attribute = this.#byId.get(attributeId[name])
    return attribute === undefined ? undefined : cut(this.#resources.file(attribute))
  }
}

function addFirst<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (!map.has(key)) map.set(key, value)
}
