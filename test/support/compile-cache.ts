import { compiledCode, keepCompiledCode } from '../../src/platform/compile-cache.ts';

// Every test file loads the same modules, in a process of its own; and so do the programs that it starts.
keepCompiledCode();
process.env.NODE_COMPILE_CACHE ??= compiledCode() ?? '';
