/** Whom attestation drivers and early labels can be restricted to (microsoft-hardware.md 2.6, 3.7); the ids are ours. */
export const audiences = [
  {
    id: '9d1f2b51-6c40-4f5e-9d0b-0f6c1e7a0001',
    name: 'CoDev',
    description: 'Devices of the co-development programme',
    audienceName: 'CoDev',
  },
  {
    id: '9d1f2b51-6c40-4f5e-9d0b-0f6c1e7a0002',
    name: 'Test Registry Key',
    description: 'Devices with the test registry key',
    audienceName: 'TestRegistryKey',
  },
] as const
