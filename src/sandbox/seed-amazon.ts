import type { SeedCredential, SeedProduct } from './seed.ts'

/** A security profile of Login with Amazon: a client without a directory. */
export const amazonCredential: SeedCredential = {
  kind: 'secret',
  clientId: 'amzn1.application-oa2-client.slipway',
  secret: 'sandbox-secret',
  label: 'Login with Amazon security profile',
}

const asset = (number: number) => ({
  id: `amzn1.dex.asset.${String(number).padStart(32, '0')}`,
  sha256: null,
})

/**
 * A live app that is all the store wants of one, but for the release notes, which every edit needs anew. Its APK was
 * uploaded elsewhere: it can be replaced and deleted, and any package may follow it. The app answers to its package name
 * before it has an identity, and after.
 */
export const amazonSeed: SeedProduct = {
  store: 'amazon',
  kind: 'app',
  id: 'amzn1.devportal.mobileapp.slipway',
  name: 'Sandbox app',
  data: { packageName: 'com.contoso.slipway' },
  published: {
    details: {
      defaultLanguage: 'en-US',
      contactWebsite: 'https://contoso.example',
      contactEmail: 'support@contoso.example',
      contactPhone: '+1 555 0100',
    },
    listings: {
      'en-US': {
        title: 'Sandbox app',
        shortDescription: 'An app to try a release pipeline with.',
        fullDescription:
          'An app to try a release pipeline with. It is published before anything else happens.',
        recentChanges: 'The first release.',
        featureBullets: ['Is there from the start', 'Has all its images', 'Takes any package'],
        keywords: ['sandbox', 'pipeline'],
      },
    },
    images: {
      'en-US': {
        'small-icons': [asset(1)],
        'large-icons': [asset(2)],
        screenshots: [asset(3), asset(4), asset(5)],
      },
    },
    apks: [{ id: 'M0SLIPWAY0001', versionCode: 0, name: 'APK1', packageId: null, drm: false }],
  },
}
