import type { Fact } from '../types.ts'
import type { XmlVisitor } from './xml-events.ts'

const mostListed = 5000
const longestText = 512

/** A list of distinct texts that does not grow without bound. */
function distinct() {
  const values = new Set<string>()
  return {
    add(value: string | undefined) {
      if (value !== undefined && value !== '' && values.size < mostListed)
        values.add(value.slice(0, longestText))
    },
    all: () => [...values],
  }
}

/**
 * Gathers facts from PackageInfo.xml of an HLK or HCK package (microsoft-hardware.md 8.4): the operating system
 * codes and product types that it was tested for, and how the tests ended.
 */
export function packageInfoVisitor() {
  const attributesOfPackage = new Map<string, string>()
  const projects = distinct()
  const osCodes = distinct()
  const architectures = distinct()
  const productTypes = distinct()
  const features = distinct()
  const targets: Fact[] = []
  const rollup = { passed: 0, failed: 0, notRun: 0 }
  let instances = 0
  let hasRollup = false
  let isPackage = false

  const visitor: XmlVisitor = {
    open(name, attributes, path) {
      const parent = path.at(-1)
      const named = attributes.get('Name')
      if (path.length === 0) {
        isPackage = name === 'Package'
        for (const [key, value] of attributes) attributesOfPackage.set(key, value.slice(0, longestText))
      } else if (name === 'Project') projects.add(named)
      else if (name === 'ProductInstance') instances += 1
      else if (name === 'OperatingSystem') architectures.add(attributes.get('Architecture'))
      else if (name === 'Code' && parent === 'Codes') osCodes.add(named)
      else if (name === 'ProductType') productTypes.add(named)
      else if (name === 'Feature') features.add(attributes.get('FullName'))
      else if (name === 'Target' && parent === 'Targets' && targets.length < mostListed)
        targets.push(target(attributes))
      else if (name === 'TestRollup') {
        hasRollup = true
        rollup.passed += count(attributes.get('Passed'))
        rollup.failed += count(attributes.get('Failed'))
        rollup.notRun += count(attributes.get('NotRun'))
      }
    },
  }

  return {
    visitor,
    facts() {
      const attribute = (name: string) => attributesOfPackage.get(name) ?? null
      return {
        isPackage,
        packageType: attribute('Type'),
        kitVersion: attribute('KitVersion'),
        packageVersion: attribute('PackageVersion'),
        packageFormatVersion: attribute('PackageFormatVersion'),
        isWindowsDriverProject: attribute('IsWindowsDriverProject')?.toLowerCase() === 'true',
        creationDate: attribute('CreationDate'),
        projects: projects.all(),
        productInstances: instances,
        architectures: architectures.all(),
        osCodes: osCodes.all(),
        productTypes: productTypes.all(),
        features: features.all(),
        targets,
        testRollup: hasRollup ? rollup : null,
      }
    },
  }
}

function target(attributes: ReadonlyMap<string, string>): Fact {
  const text = (name: string) => attributes.get(name)?.slice(0, longestText) ?? null
  return {
    key: text('Key'),
    name: text('Name'),
    targetType: text('TargetType'),
    driverStatus: text('DriverStatus'),
  }
}

function count(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0
}
