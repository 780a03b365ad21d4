import { parsePublisher } from './distinguished-name.ts'
import type { Say } from './findings.ts'
import { isPackageName } from './identity.ts'
import type { DeviceFamily, PackageDependency } from './manifest-types.ts'
import { isMicrosoft } from './namespaces.ts'
import { compareQuads, parseQuad, parseShortVersion } from './version.ts'
import { attribute, childrenNamed, type XmlElement } from './xml.ts'

/** Families that Windows and the MSIX SDK for other systems know; every name below `Windows.` is one, too. */
const foreignFamilies: ReadonlySet<string> = new Set([
  'platform.all',
  'msixcore.desktop',
  'msixcore.server',
  'linux.all',
  'apple.macos.all',
  'web.all',
  ...['all', 'phone', 'tablet', 'tv', 'watch'].map((each) => `apple.ios.${each}`),
  ...['all', 'phone', 'tablet', 'desktop', 'tv', 'watch'].map((each) => `google.android.${each}`),
  ...['edge', 'blink', 'chromium', 'webkit', 'safari'].map((each) => `web.${each}.all`),
])

/** `Windows.Desktop`, and `Windows7.Desktop` as the SDK named older systems before MSIX Core. */
const isKnownFamily = (name: string): boolean =>
  /^windows(?:7|8|8\.1)?\.[a-z][a-z0-9.-]*$/i.test(name) || foreignFamilies.has(name.toLowerCase())

/** The TargetDeviceFamily children of a Dependencies element, of packages and of bundles. */
export function readDeviceFamilies(
  element: XmlElement | undefined,
  target: string,
  say: Say,
): DeviceFamily[] {
  const families: DeviceFamily[] = []
  for (const child of childrenNamed(element, 'TargetDeviceFamily')) {
    const family = {
      name: attribute(child, 'Name') ?? '',
      minVersion: attribute(child, 'MinVersion') ?? '',
      maxVersionTested: attribute(child, 'MaxVersionTested') ?? '',
    }
    families.push(family)
    judgeFamily(family, `${target}/TargetDeviceFamily`, say)
  }
  return families
}

function judgeFamily({ name, minVersion, maxVersionTested }: DeviceFamily, target: string, say: Say): void {
  const min = parseQuad(minVersion)
  const max = parseQuad(maxVersionTested)
  if (!/^[-.A-Za-z0-9]+$/.test(name)) {
    say('msix-device-family-invalid', `"${name}" is not the name of a device family`, `${target}/@Name`)
  } else if (!isKnownFamily(name)) {
    say('msix-device-family-unknown', `no device family is known as ${name}`, `${target}/@Name`)
  }
  if (min === undefined || max === undefined) {
    const versions = `MinVersion "${minVersion}" or MaxVersionTested "${maxVersionTested}"`
    say('msix-device-family-invalid', `${versions} of ${name} is not a version`, target)
  } else if (compareQuads(min, max) > 0) {
    const range = `its MinVersion ${minVersion} is above its MaxVersionTested ${maxVersionTested}`
    say('msix-version-range', `the device family ${name} fits no system: ${range}`, target)
  }
}

/** A Windows 10 package must name a family that some system belongs to. */
export function judgeFamilies(families: readonly DeviceFamily[], target: string, say: Say): void {
  if (families.length === 0) {
    say('msix-device-family-none', 'the package names no device family', target)
  } else if (!families.some(({ name }) => isKnownFamily(name))) {
    say('msix-device-family-none', 'none of the device families it names is known', target)
  }
}

export interface Prerequisites {
  readonly osMinVersion: string | undefined
  readonly osMaxVersionTested: string | undefined
}

/** Prerequisites of a Windows 8 manifest. */
export function readPrerequisites(element: XmlElement | undefined, target: string, say: Say): Prerequisites {
  const version = (name: string): string | undefined => {
    const text = childrenNamed(element, name)[0]?.text.trim()
    if (element === undefined) return undefined
    if (text === undefined) say('msix-manifest-element-missing', `Prerequisites has no ${name}`, target)
    else if (parseShortVersion(text) === undefined) {
      say(
        'msix-prerequisite-invalid',
        `the ${name} "${text}" is not a version such as 6.3`,
        `${target}/${name}`,
      )
    }
    return text
  }
  const osMinVersion = version('OSMinVersion')
  const osMaxVersionTested = version('OSMaxVersionTested')
  const min = parseShortVersion(osMinVersion ?? '')
  const max = parseShortVersion(osMaxVersionTested ?? '')
  if (min !== undefined && max !== undefined && compareQuads(min, max) > 0) {
    say(
      'msix-version-range',
      `OSMinVersion ${osMinVersion} is above OSMaxVersionTested ${osMaxVersionTested}`,
      target,
    )
  }
  return { osMinVersion, osMaxVersionTested }
}

/** PackageDependency children; Windows 8 manifests may leave publisher and version out. */
export function readPackageDependencies(
  element: XmlElement | undefined,
  generation: 'windows8' | 'windows10',
  target: string,
  say: Say,
): PackageDependency[] {
  return childrenNamed(element, 'PackageDependency').map((child) => {
    const name = attribute(child, 'Name') ?? ''
    const publisher = attribute(child, 'Publisher')
    const minVersion = attribute(child, 'MinVersion')
    const invalid = (what: string) =>
      say(
        'msix-dependency-invalid',
        `the package dependency "${name}" has ${what}`,
        `${target}/PackageDependency`,
      )
    if (!isPackageName(name)) invalid('no usable Name')
    const mayLeaveOut = generation === 'windows8'
    if (publisher === undefined ? !mayLeaveOut : parsePublisher(publisher) === undefined) {
      invalid('no usable Publisher')
    }
    const min = parseQuad(minVersion ?? '')
    if (minVersion === undefined ? !mayLeaveOut : min === undefined) invalid('no usable MinVersion')
    const maxMajor = attribute(child, 'MaxMajorVersionTested')
    if (maxMajor !== undefined && min !== undefined && Number(maxMajor) < min[0]) {
      const range = `the MaxMajorVersionTested ${maxMajor} of ${name} is below MinVersion ${minVersion}`
      say('msix-version-range', range, `${target}/PackageDependency`)
    }
    return { name, publisher, minVersion }
  })
}

/** Names of the packages an optional package belongs to; the element has had several namespaces. */
export function readMainPackages(element: XmlElement | undefined, target: string, say: Say): string[] {
  const names: string[] = []
  for (const child of element?.children ?? []) {
    if (child.local !== 'MainPackageDependency' || !isMicrosoft(child.uri)) continue
    const name = attribute(child, 'Name') ?? ''
    if (!isPackageName(name)) {
      say(
        'msix-dependency-invalid',
        `the main package has no usable Name ("${name}")`,
        `${target}/${child.local}`,
      )
    }
    names.push(name)
  }
  return names
}
