import type { Finding } from '../../engine/index.ts'
import type { Judged } from '../../engine/store-spec.ts'
import { architectureOf, isServer } from './os-codes.ts'
import { factsOf, type PackageFacts } from './package-facts.ts'
import { dataOf } from './product-document.ts'

/** What the service says of a submission besides its package's own findings (microsoft-hardware.md 3.6, 5.4). */
export function checkSubmission({ product, content, packages }: Judged): Finding[] {
  const facts = factsOf(packages)
  if (!facts || typeof content.destination === 'string') return []
  if (product.kind === 'preprod') return checkContainer(facts, 'attestation')
  const { testHarness } = dataOf(product)
  const harness = content.type === 'derived' ? 'hlk' : testHarness
  return [...checkContainer(facts, harness), ...checkSignatures(facts, dataOf(product))]
}

function checkContainer({ container }: PackageFacts, harness: string): Finding[] {
  if (harness === 'attestation' && container !== 'cab') {
    return [
      error(
        'hardware-not-a-cab',
        'Attestation takes a signed cabinet. Upload a .cab with one folder for each driver.',
      ),
    ]
  }
  // Cabinets were the packages of the kit before HLK and HCK.
  if (harness === 'hlk' && container !== 'hlkx') {
    return [
      error(
        'hardware-no-package-info',
        'Unable to extract and upload PackageInfo.xml. The package is no HLK package; upload a signed .hlkx.',
      ),
    ]
  }
  return []
}

function checkSignatures(
  facts: PackageFacts,
  { testHarness, requestedSignatures }: ReturnType<typeof dataOf>,
): Finding[] {
  const findings: Finding[] = []
  if (testHarness === 'attestation') {
    // Taken when the product is made, and refused only now (7-31).
    for (const code of requestedSignatures.filter(isServer)) {
      findings.push(
        error(
          'hardware-server-attestation',
          `The signature ${code} cannot be had by attestation. Submit HLK results.`,
        ),
      )
    }
  }
  if (requestedSignatures.length === 0) return findings
  const covered = new Set(requestedSignatures.map(architectureOf))
  for (const { folder, infs } of facts.drivers) {
    const own = new Set(infs.flatMap(({ architectures }) => architectures))
    for (const architecture of own) {
      if (covered.has(architecture as ReturnType<typeof architectureOf>)) continue
      const message = `Unsupported driver architecture ${architecture.toUpperCase()} found in driver ${folder}. Request a signature for it, or leave it out.`
      findings.push(error('hardware-architecture', message, folder))
    }
  }
  const tested = facts.packageInfo?.osCodes ?? []
  for (const code of facts.container === 'hlkx' && tested.length > 0 ? requestedSignatures : []) {
    if (tested.some((each) => each.toLowerCase() === code.toLowerCase())) continue
    findings.push(
      error(
        'hardware-not-tested',
        `The signature ${code} was requested, but the package has no results for it.`,
      ),
    )
  }
  return findings
}

function error(code: string, message: string, target?: string): Finding {
  return { code, severity: 'error', message, ...(target === undefined ? {} : { target }) }
}
