import type { TakenFile } from '../../../engine/store-spec.ts'
import type { ImageType } from '../document/images.ts'

type Size = readonly [width: number, height: number]

interface Rule {
  /** The sizes it may have; any when absent. */
  readonly exactly?: readonly Size[]
  /** The least it may have, in either orientation. */
  readonly least?: Size
}

/** Most bytes of one image (microsoft-store.md 2.7). */
const mostBytes = 50 * 1024 * 1024

/** Sizes by type: microsoft-store.md 2.7 and Partner Center's "App screenshots, images, and trailers". */
const rules: Record<ImageType | 'add-on icon' | 'trailer thumbnail', Rule> = {
  Screenshot: { least: [1366, 768] },
  MobileScreenshot: {},
  XboxScreenshot: {},
  SurfaceHubScreenshot: {},
  HoloLensScreenshot: {},
  StoreLogo9x16: {
    exactly: [
      [720, 1080],
      [1440, 2160],
    ],
  },
  StoreLogoSquare: {
    exactly: [
      [1080, 1080],
      [2160, 2160],
    ],
  },
  Icon: { exactly: [[300, 300]] },
  PromotionalArt16x9: {
    exactly: [
      [1920, 1080],
      [3840, 2160],
    ],
  },
  PromotionalArtwork2400X1200: { exactly: [[2400, 1200]] },
  XboxBrandedKeyArt: { exactly: [[584, 800]] },
  XboxTitledHeroArt: { exactly: [[1920, 1080]] },
  XboxFeaturedPromotionalArt: { exactly: [[1080, 1080]] },
  SquareIcon358X358: { exactly: [[358, 358]] },
  BackgroundImage1000X800: { exactly: [[1000, 800]] },
  PromotionalArtwork414X180: { exactly: [[414, 180]] },
  PromotionalArtwork846X468: { exactly: [[846, 468]] },
  PromotionalArtwork558X756: { exactly: [[558, 756]] },
  PromotionalArtwork414X468: { exactly: [[414, 468]] },
  PromotionalArtwork558X558: { exactly: [[558, 558]] },
  WideIcon358X173: { exactly: [[358, 173]] },
  Unknown: {},
  'add-on icon': { exactly: [[300, 300]] },
  'trailer thumbnail': { exactly: [[1920, 1080]] },
}

/** What is wrong with an image of a type, as a sentence; undefined when nothing is. */
export function imageProblem(
  type: keyof typeof rules,
  { name, size, image }: Pick<TakenFile, 'name' | 'size' | 'image'>,
): string | undefined {
  const { exactly, least } = rules[type]
  if (image?.type !== 'png') return `The image ${name} (${type}) must be a PNG file.`
  if (size > mostBytes) return `The image ${name} (${type}) must be 50 MB or smaller.`
  const is = `it is ${image.width} x ${image.height}`
  if (exactly && !exactly.some(([width, height]) => width === image.width && height === image.height)) {
    const sizes = exactly.map(([width, height]) => `${width} x ${height}`).join(' or ')
    return `The image ${name} (${type}) must be ${sizes} pixels; ${is}.`
  }
  if (least && !reaches(image, least)) {
    return `The image ${name} (${type}) must be ${least.join(' x ')} pixels or larger; ${is}.`
  }
  return undefined
}

function reaches({ width, height }: { width: number; height: number }, [long, short]: Size): boolean {
  return Math.max(width, height) >= long && Math.min(width, height) >= short
}
