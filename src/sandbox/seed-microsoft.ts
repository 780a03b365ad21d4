import type { SeedProduct } from './seed.ts'

/** A published app with a listing in two languages, a flight and an add-on: what a pipeline starts from. */
export const microsoftSeed: readonly SeedProduct[] = [
  {
    store: 'microsoft',
    kind: 'app',
    id: '9NSLIPWAY001',
    name: 'Sandbox app',
    published: {
      applicationCategory: 'DeveloperTools_Utilities',
      pricing: {
        trialPeriod: 'NoFreeTrial',
        marketSpecificPricings: {},
        sales: [],
        priceId: 'Free',
        isAdvancedPricingModel: true,
      },
      visibility: 'Public',
      listings: {
        'en-us': {
          baseListing: {
            keywords: ['sandbox'],
            description: 'An app to try a release pipeline with.',
            features: ['It is published before anything else happens'],
            releaseNotes: 'The first release.',
            images: [
              {
                fileName: 'screenshot.png',
                fileStatus: 'Uploaded',
                id: '1152921505000000101',
                imageType: 'Screenshot',
              },
            ],
            title: 'Sandbox app',
          },
          platformOverrides: {},
        },
        'de-de': {
          baseListing: {
            description: 'Eine App, um eine Release-Pipeline auszuprobieren.',
            images: [],
            title: 'Sandbox app',
          },
          platformOverrides: {},
        },
      },
      hardwarePreferences: ['Keyboard', 'Mouse'],
      applicationPackages: [
        {
          fileName: 'SandboxApp_0.0.1.0_x64.msix',
          fileStatus: 'Uploaded',
          id: '1152921505000000001',
          // So low that any package of a pipeline's own is newer.
          version: '0.0.1.0',
          architecture: 'x64',
          targetPlatform: 'Windows10',
          languages: ['en-US'],
          capabilities: ['runFullTrust'],
          minimumDirectXVersion: 'None',
          minimumSystemRam: 'None',
          targetDeviceFamilies: ['Windows.Desktop min version 10.0.17763.0'],
        },
      ],
      allowTargetFutureDeviceFamilies: {
        Desktop: true,
        Mobile: false,
        Xbox: false,
        Holographic: false,
        Team: false,
      },
    },
    tracks: [
      {
        id: '44444444-4444-4444-4444-444444444444',
        name: 'Insiders',
        data: { groupIds: ['1'], rankHigherThan: null },
      },
    ],
  },
  {
    store: 'microsoft',
    kind: 'add-on',
    id: '9NSLIPWAY0A1',
    name: 'sandbox.coins',
    parentId: '9NSLIPWAY001',
    data: { productId: 'sandbox.coins', productType: 'Consumable' },
    published: {
      contentType: 'OnlineDataStorage',
      lifetime: 'Forever',
      listings: { 'en-us': { description: 'A handful of coins.', title: 'Coins' } },
      pricing: { marketSpecificPricings: {}, sales: [], priceId: 'Tier2', isAdvancedPricingModel: false },
      visibility: 'Public',
    },
  },
]
