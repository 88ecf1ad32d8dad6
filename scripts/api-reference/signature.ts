import ts from 'typescript'
import { type Comment, commentOf, type Export } from './exports.ts'

/** A member of an interface or a class. */
export interface Member {
  readonly signature: string
  readonly comment: Comment
}

/** The declaration as in the sources, without bodies and members. */
export function declarationOf({ name, kind, declaration, checker }: Export): string {
  if (kind === 'value') {
    const type = checker.getTypeAtLocation(
      ts.isExportAssignment(declaration) ? declaration.expression : (declaration as ts.Declaration),
    )
    const text = checker.typeToString(type, declaration, ts.TypeFormatFlags.NoTruncation)
    return name === 'default' ? `export default ${text}` : `const ${name}: ${text}`
  }
  if (ts.isFunctionDeclaration(declaration)) return overloadsOf(declaration, checker).join('\n')
  if (ts.isTypeAliasDeclaration(declaration)) {
    // A type computed from something unexported does not help the reader, so print the result.
    return ts.isIndexedAccessTypeNode(declaration.type)
      ? computed(name, declaration, checker)
      : withoutComments(declaration)
  }
  return headOf(declaration as ts.ClassDeclaration | ts.InterfaceDeclaration)
}

function computed(name: string, declaration: ts.TypeAliasDeclaration, checker: ts.TypeChecker): string {
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias
  const text = checker.typeToString(checker.getTypeAtLocation(declaration.type), declaration, flags)
  return `type ${name} =\n  | ${text.replaceAll('"', "'").split(' | ').join('\n  | ')}`
}

/** Of a function with overloads those that callers see; its implementation otherwise. */
function overloadsOf(declaration: ts.FunctionDeclaration, checker: ts.TypeChecker): string[] {
  const name = declaration.name && checker.getSymbolAtLocation(declaration.name)
  const all = (name?.declarations ?? [declaration]).filter(ts.isFunctionDeclaration)
  const overloads = all.filter(({ body }) => !body)
  return (overloads.length > 0 ? overloads : all).map(textWithoutBody)
}

function textWithoutBody(declaration: ts.FunctionLikeDeclaration): string {
  const source = declaration.getSourceFile()
  const end = declaration.body?.getStart(source) ?? declaration.getEnd()
  const text = source.text.slice(declaration.getStart(source), end).trim()
  return withoutModifiers(text).replace(/;$/, '')
}

function withoutComments(declaration: ts.Node): string {
  const printed = ts
    .createPrinter({ removeComments: true })
    .printNode(ts.EmitHint.Unspecified, declaration, declaration.getSourceFile())
  return withoutModifiers(printed)
    .replaceAll(/;$/gm, '')
    .replaceAll(/^ {4}/gm, '  ')
    .replaceAll(/"([^"'\n]*)"/g, "'$1'")
}

const withoutModifiers = (text: string): string => text.replace(/^(?:export |async |declare |default )+/, '')

function headOf(declaration: ts.ClassDeclaration | ts.InterfaceDeclaration): string {
  const source = declaration.getSourceFile()
  const keyword = ts.isClassDeclaration(declaration) ? 'class' : 'interface'
  const parameters = declaration.typeParameters?.map((parameter) => parameter.getText(source)) ?? []
  const generic = parameters.length > 0 ? `<${parameters.join(', ')}>` : ''
  const heritage = declaration.heritageClauses?.map((clause) => ` ${clause.getText(source)}`).join('') ?? ''
  const abstract = declaration.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword) ? 'abstract ' : ''
  return `${abstract}${keyword} ${declaration.name?.text}${generic}${heritage}`
}

/** The members of an interface or a class; for an alias, those of our interface that it names. */
export function membersOf({ declaration, checker }: Export): readonly Member[] {
  const owner = ownerOf(declaration, checker)
  if (!owner) return []
  const members: readonly ts.Node[] = owner.members
  return members.filter(isPublic).map((member) => {
    const symbol = checker.getSymbolAtLocation((member as ts.NamedDeclaration).name ?? member)
    return {
      signature: oneLine(signatureOf(member)),
      comment: symbol ? commentOf(symbol, checker) : { text: '', tags: [] },
    }
  })
}

function ownerOf(
  declaration: ts.Declaration,
  checker: ts.TypeChecker,
): ts.InterfaceDeclaration | ts.ClassDeclaration | undefined {
  if (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)) return declaration
  if (!ts.isTypeAliasDeclaration(declaration) || !ts.isTypeReferenceNode(declaration.type)) return undefined
  const named = checker.getSymbolAtLocation(declaration.type.typeName)
  const target = named && named.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(named) : named
  const [first] = target?.declarations ?? []
  const isOurs = first && !first.getSourceFile().fileName.includes('/node_modules/')
  return isOurs && ts.isInterfaceDeclaration(first) ? first : undefined
}

const HIDDEN = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword]

function isPublic(member: ts.Node): boolean {
  const { name } = member as ts.NamedDeclaration
  if (ts.isClassStaticBlockDeclaration(member) || (name && (ts.isPrivateIdentifier(name) || isSymbolName(name)))) {
    return false
  }
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : []
  return !modifiers.some(({ kind }) => HIDDEN.includes(kind))
}

/** `[Symbol.hasInstance]` and the like are implementation details. */
const isSymbolName = (name: ts.Node): boolean => ts.isComputedPropertyName(name)

function signatureOf(member: ts.Node): string {
  const source = member.getSourceFile()
  if (ts.isPropertyDeclaration(member) && member.initializer && !member.type) {
    return source.text.slice(member.getStart(source), member.getEnd())
  }
  const body = (member as ts.FunctionLikeDeclaration).body
  const initializer = (member as ts.PropertyDeclaration).initializer
  const end = body?.getStart(source) ?? (initializer ? initializer.getFullStart() - 1 : member.getEnd())
  return source.text.slice(member.getStart(source), end)
}

const oneLine = (text: string): string =>
  text
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/([([<]) /g, '$1')
    .replaceAll(/,? ([)\]>])(?!=)/g, '$1')
    .replaceAll('= >', '=>')
    .trim()
    .replace(/^readonly |^override /, '')
