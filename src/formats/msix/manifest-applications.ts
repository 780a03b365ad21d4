import type { Say } from './findings.ts'
import { isApplicationId } from './identity.ts'
import { isDisplayName } from './manifest-properties.ts'
import type { Application, FileReference } from './manifest-types.ts'
import { isMicrosoft } from './namespaces.ts'
import { attribute, childrenNamed, type XmlElement } from './xml.ts'

export interface Applications {
  readonly applications: readonly Application[]
  readonly files: readonly FileReference[]
}

const mostApplications = 100

/** The Applications element: each application, and the files it names. */
export function readApplications(element: XmlElement | undefined, target: string, say: Say): Applications {
  const applications: Application[] = []
  const files: FileReference[] = []
  const ids = new Set<string>()
  const elements = childrenNamed(element, 'Application')
  if (element !== undefined && (elements.length === 0 || elements.length > mostApplications)) {
    say(
      'msix-application-invalid',
      `it has ${elements.length} applications, not 1 to ${mostApplications}`,
      target,
    )
  }
  for (const each of elements) {
    const application = readApplication(each, target, say)
    const where = `${target}/Application[@Id="${application.id}"]`
    applications.push(application)
    if (ids.has(application.id.toLowerCase())) {
      say('msix-application-twice', `two applications have the Id ${application.id}`, where)
    }
    ids.add(application.id.toLowerCase())
    files.push(...referencesOf(each, application, where))
  }
  return { applications, files }
}

function readApplication(element: XmlElement, parent: string, say: Say): Application {
  const id = attribute(element, 'Id')
  const target = `${parent}/Application[@Id="${id ?? ''}"]`
  if (id === undefined) say('msix-manifest-attribute-missing', 'an Application has no Id', target)
  else if (!isApplicationId(id)) say('msix-application-invalid', `the Id "${id}" is not allowed`, target)
  const executable = attribute(element, 'Executable')
  const entryPoint = attribute(element, 'EntryPoint')
  const startPage = attribute(element, 'StartPage')
  if (executable !== undefined && !/.\.exe$/i.test(executable)) {
    say('msix-application-invalid', `the Executable "${executable}" does not end in .exe`, target)
  }
  judgeEntry(element, { executable, entryPoint, startPage }, target, say)
  return { id: id ?? '', executable, entryPoint, startPage, displayName: readVisual(element, target, say) }
}

type Entry = Pick<Application, 'executable' | 'entryPoint' | 'startPage'>

function judgeEntry(
  element: XmlElement,
  { executable, entryPoint, startPage }: Entry,
  target: string,
  say: Say,
) {
  const has = (local: string) => element.attributes.some((each) => each.local === local)
  if (executable === undefined && startPage === undefined && !has('HostId')) {
    say('msix-application-no-entry', 'the application has neither Executable nor StartPage', target)
  } else if (executable !== undefined && entryPoint === undefined && !has('RuntimeBehavior')) {
    say('msix-application-no-entry', 'the application has an Executable and no EntryPoint', target)
  }
}

/** The display name in the VisualElements, whose namespace differs between the schemas. */
function readVisual(application: XmlElement, target: string, say: Say): string | undefined {
  const visuals = application.children.filter(
    ({ local, uri }) => local === 'VisualElements' && isMicrosoft(uri),
  )
  const [visual] = visuals
  if (visual === undefined) {
    say('msix-manifest-element-missing', 'the application has no VisualElements', target)
    return undefined
  }
  if (visuals.length > 1) {
    say('msix-manifest-element-repeated', 'the application has two VisualElements', target)
  }
  const where = `${target}/VisualElements`
  const windows10 = visual.uri.includes('/manifest/uap/')
  const required = ['DisplayName', 'Description', 'BackgroundColor']
  for (const name of windows10 ? [...required, 'Square150x150Logo', 'Square44x44Logo'] : required) {
    if (attribute(visual, name) !== undefined) continue
    say('msix-manifest-attribute-missing', `VisualElements has no ${name}`, `${where}/@${name}`)
  }
  const displayName = attribute(visual, 'DisplayName')
  if (displayName !== undefined && !isDisplayName(displayName)) {
    say(
      'msix-application-invalid',
      `the DisplayName "${displayName}" is not allowed`,
      `${where}/@DisplayName`,
    )
  }
  return displayName
}

/** Programs of Windows that an extension may name; they are in no package. */
const hostPrograms: ReadonlySet<string> = new Set([
  'backgroundtaskhost.exe',
  'wwahost.exe',
  'runtimebroker.exe',
])

function referencesOf(
  element: XmlElement,
  { executable, startPage }: Application,
  target: string,
): FileReference[] {
  const files: FileReference[] = []
  if (executable !== undefined)
    files.push({ path: executable, target: `${target}/@Executable`, kind: 'program' })
  if (startPage !== undefined && !/^[a-z][a-z0-9+.-]+:/i.test(startPage)) {
    files.push({ path: startPage, target: `${target}/@StartPage`, kind: 'program' })
  }
  for (const child of element.children) {
    if (child.local === 'VisualElements') imagesOf(child, `${target}/VisualElements`, files)
    else if (child.local === 'Extensions') extensionFiles(child, `${target}/Extensions`, files)
  }
  return files
}

function imagesOf(element: XmlElement, target: string, files: FileReference[]): void {
  for (const { local, value } of element.attributes) {
    if (/(?:Logo|Image)$/.test(local))
      files.push({ path: value, target: `${target}/@${local}`, kind: 'image' })
  }
  for (const child of element.children) imagesOf(child, `${target}/${child.local}`, files)
}

function extensionFiles(element: XmlElement, target: string, files: FileReference[]): void {
  const path = attribute(element, 'Executable')
  if (path !== undefined && !hostPrograms.has(path.toLowerCase())) {
    files.push({ path, target: `${target}/@Executable`, kind: 'extension' })
  }
  if (element.local === 'Logo' && element.text.trim() !== '') {
    files.push({ path: element.text.trim(), target, kind: 'image' })
  }
  for (const child of element.children) extensionFiles(child, `${target}/${child.local}`, files)
}
