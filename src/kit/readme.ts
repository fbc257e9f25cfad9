/** The page that lies in the folder of a kit. */
import type { KitManifest } from './manifest.ts'

/** @returns Markdown */
export function readmeFor ({ files }: KitManifest): string {
  const formats = [...new Set(files.map(({ format }) => format))].join(', ')
  return `# Sound files for tests of CSR clients

${files.length} files, written by \`csr-emulator kit\`: every documented limit of CLOVA Speech Recognition (CSR) in every
format that it takes, one folder each (${formats}). \`manifest.json\` says of each file what it is
and which answer it must get. The files are the same wherever they are written: do not check them in, write them.

- \`answer.status\` and \`answer.errorCode\` are what a right call gets that sends the file with the file's \`lang\`.
- \`answer.text\` is the text that the answer must have; where there is none, any text will do.
- \`recordedMs\` is how long the sound was before it was encoded, \`decodedMs\` how long it is afterwards. AAC in ADTS
  and AC-3 cannot tell how much their encoder added: they decode longer, and the emulator takes 200 ms off before
  it calls them too long. Whether the vendor does so is not known.
- 400 ms and less is too short (STT007), more than 60 s too long (STT001), more than 3145728 bytes too large (STT000).
- \`other\` holds what CSR does not take: other formats, no bytes, and what \`curl --data\` makes of a file. The emulator
  accepts M4A and WebM if it is told to.

All files against a server, with curl and jq:

\`\`\`sh
jq -r '.files[] | "\\(.file) \\(.lang) \\(.answer.status) \\(.answer.errorCode // .answer.text // "")"' manifest.json |
while read -r file lang status words; do
  answer=$(curl -sS -w ' %{http_code}' --data-binary "@$file" \\
    -H 'X-NCP-APIGW-API-KEY-ID: any' -H 'X-NCP-APIGW-API-KEY: thing' \\
    -H 'Content-Type: application/octet-stream' "http://127.0.0.1:8080/recog/v1/stt?lang=$lang")
  case $answer in
    *"$words"*" $status") echo "ok      $file" ;;
    *) echo "NOT OK  $file: $answer" ;;
  esac
done
\`\`\`
`
}
