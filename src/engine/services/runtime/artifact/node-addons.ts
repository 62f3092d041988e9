import { type Binary, runsHere } from './binaries.ts';

const PLATFORM_WORD =
  /[-._/]+(?:linux|darwin|win32|android|freebsd|x64|arm64|arm|ia32|x86_64|aarch64|amd64|gnu|gnueabihf|musl|musleabihf|msvc|libvips)(?=[-._/]|$)/g;

/**
 * The npm packages with native addons of which none runs here, with their libraries. Packages that bring one addon per
 * platform, in one package or in several named after it, need just one that fits.
 */
export function findForeignAddons(binaries: readonly Binary[]): { name: string; binaries: Binary[] }[] {
  const addons = binaries.filter(({ file }) => file.endsWith('.node'));
  return [...Map.groupBy(addons, ({ file }) => family(file))]
    .filter(([, group]) => !group.some(runsHere))
    .map(([name, group]) => ({ name, binaries: group }));
}

/** `@img/sharp` of `node_modules/@img/sharp-linux-arm64/lib/sharp.node`. */
function family(file: string): string {
  const [, packageName] = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
  return (packageName ?? file).replaceAll(PLATFORM_WORD, '');
}
