import { keepCompiledCode } from '../../src/platform/compile-cache.ts';

// Every test file loads the same modules, in a process of its own.
keepCompiledCode();
