import neostandard from 'neostandard'
import { FOLDER_RULES } from './scripts/folder-rules.js'

/** Folder boundaries in the editor; test/contract/architecture.test.ts checks the same table and looks for cycles. */
const boundaries = Object.entries(FOLDER_RULES).map(([folder, { forbidden }]) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: forbidden.map((group) => ({ group: [group], message: `src/${folder} must not import this` }))
    }]
  }
}))

export default [
  ...neostandard({ ts: true, ignores: ['dist/**', '.tap/**', 'node_modules/**'] }),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', {
        allowForKnownSafeCalls: [{ from: 'package', package: '@tapjs/test', name: 'test' }]
      }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@stylistic/max-len': ['error', { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      complexity: ['error', 10]
    }
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-restricted-globals': ['error', 'process', 'console'],
      'no-restricted-properties': ['error', { object: 'Date', property: 'now', message: 'use the Clock port' }]
    }
  },
  {
    // The process itself, and the modules that are processes or threads of their own.
    files: ['src/server.ts', 'src/cli.ts', 'src/ports.ts', 'src/audio/decoder-*.ts', 'src/engine/vosk/model-probe.ts'],
    rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' }
  },
  ...boundaries
]
