"""Marks of syntax: the ways in which lines begin in languages that share an ending with one of the seventeen.

A mark is a pattern for the beginning of a statement, a comment or a declaration as the language's own manual has them.
`filters.code.shared_endings` counts them.
"""

import re
from itertools import islice

MOST = 40
"""So many places of a kind are counted: more make a language no surer."""

_INDENTED = r"^[ \t]*+"


class Marks:
    """Counts the places of a text that are marks of one language.

    Patterns that begin with `^` (and blanks) are joined, so that a line is looked at once. One that stands inside of
    lines may come with a word without which it needs not be looked for.
    """

    def __init__(self, *patterns: str | tuple[str, str], flags: re.RegexFlag = re.NOFLAG) -> None:
        flags |= re.MULTILINE
        lines = [one for one in patterns if isinstance(one, str) and one.startswith("^")]
        indented = [one.removeprefix(_INDENTED) for one in lines if one.startswith(_INDENTED)]
        at_left = [one.removeprefix("^") for one in lines if not one.startswith(_INDENTED)]
        joined = [*([rf"[ \t]*+(?:{'|'.join(indented)})"] if indented else []), *at_left]
        self._patterns = [("", re.compile(f"^(?:{'|'.join(joined)})", flags))] if joined else []
        for one in patterns:
            if one not in lines:
                word, pattern = one if isinstance(one, tuple) else ("", one)
                self._patterns.append((word, re.compile(pattern, flags)))

    def __call__(self, text: str) -> int:
        return sum(
            sum(1 for _ in islice(pattern.finditer(text), MOST)) for word, pattern in self._patterns if word in text
        )

    def seen(self, text: str) -> bool:
        """Whether there is any mark."""
        return any(word in text and pattern.search(text) for word, pattern in self._patterns)


COQ = Marks(
    r"^[ \t]*+(?:#\[[^\]\n]{1,80}\][ \t]*+)?(?:(?:Local|Global|Program|Polymorphic|Time|Fail)[ \t]++)?(?:Require"
    r"|Theorem"
    r"|Lemma|Corollary|Proposition|Fact|Remark|Goal|Proof|Qed|Defined|Admitted|Definition|Fixpoint|CoFixpoint|Inductive"
    r"|CoInductive|Variant|Section|Module|End|Notation|Infix|Hypothes[ie]s|Variables?|Context|Record|Structure|Class"
    r"|Instance|Import|Export|Ltac2?|Axioms?|Parameters?|Conjecture|Unset|Declare|Arguments|Hint|Check|Print|Eval"
    r"|Compute"
    r"|Open|Close|Scheme|Extraction|Example|Canonical|Coercion|Existing|Reserved|Tactic|Derive|Obligation|Generalizable"
    r"|Opaque|Transparent|Create|Delimit|Bind|Universes?|Implicit|Let|Include|Search|About|Add|Scope)\b[^\n;]*+$",
    r"^[ \t]*+From[ \t]++[\w.]++[ \t]++Require\b",
    r"^[ \t]*+Set[ \t]++[A-Z]\w++(?:[ \t]|\.)",
)
VERILOG = Marks(
    r"^[ \t]*+`(?:timescale|define|include|ifn?def|endif|else|default_nettype|undef|celldefine)\b",
    r"^[ \t]*+(?:module|macromodule|primitive|interface|package|program)[ \t]++\w++[ \t\n]*+[(#;]",
    r"^[ \t]*+end(?:module|primitive|case|function|task|generate|interface|package|class)\b",
    r"^[ \t]*+(?:always|always_ff|always_comb|initial|assign|wire|reg|logic|input|output|inout|parameter|localparam"
    r"|integer|genvar|generate|task|specify|supply[01]|tri)\b[^\n]*[;,(@=\])]",
    r"\b(?:posedge|negedge)\b",
    r"^//",
)
VLANG = Marks(
    r"^(?:pub[ \t]++)?(?:fn|struct|enum|interface|union)[ \t]++[\w(]",
    r"^module[ \t]++\w++[ \t]*+$",
    r"^import[ \t]++[\w.]++[ \t]*+$",
    r"^[ \t]++(?:mut[ \t]++)?\w++[ \t]*+:=[ \t]",
)
OBJECTIVE_C = Marks(
    r"^[ \t]*+#[ \t]*+import[ \t]*+[<\"]",
    r"^[ \t]*+@(?:interface|implementation|protocol|class|property|synthesize|dynamic|end|optional|required|private"
    r"|import|selector|autoreleasepool|try)\b(?![ \t]*+=)",
    r"^[-+][ \t]*+\([ \t]*+\w",
    r"NS(?:String|Array|Dictionary|Object|Integer|Error|URL|Data|Number|_ENUM|_OPTIONS|_ASSUME_NONNULL_BEGIN)\b",
)
C_LINES = Marks(
    r"^[ \t]*+#[ \t]*+(?:include[ \t]*+[<\"]|define[ \t]|ifn?def[ \t]|endif\b|pragma[ \t])",
    r"^[ \t]*+(?:static|const|unsigned|int|void|char|double|float|struct|enum|union|typedef|extern|return|case|bool"
    r"|size_t|u?int\d++_t|inline)\b[^\n;{(,]*+[;{(,]",
    r"^[ \t]*+(?://|/\*)",
    r"^[ \t]*+[A-Z][A-Z0-9_]++[ \t]*+\([^\n]*+\)[ \t]*+;?[ \t]*+$",
)
CPP = Marks(
    r"^[ \t]*+template\b[ \t]*+[<\w]",
    r"^[ \t]*+(?:inline[ \t]++)?namespace\b[ \t\w:]*+(?:\{|$)",
    r"^[ \t]*+(?:class|struct)[ \t]++(?:\[\[\w++\]\][ \t]*+)?(?:[A-Z][A-Z0-9_]++[ \t]++)?\w++"
    r"[ \t]*+(?:final[ \t]*+)?:[ \t]*+\w",
    r"^[ \t]*+class[ \t]++[^\n;]*+(?:;|\{|$)",
    r"^[ \t]*+(?:public|private|protected|signals|public[ \t]++slots|Q_OBJECT)[ \t]*+(?::|$)",
    r"^[ \t]*+using[ \t]++(?:namespace\b|\w++[ \t]*+=|[\w:]*+::)",
    r"^[ \t]*+(?:virtual|explicit|constexpr|consteval|friend|mutable|concept|co_\w++|export|import"
    r"|enum[ \t]++class)[ \t]++[~\w(<\[\":]",
    r"^[ \t]*+#[ \t]*+include[ \t]*+<[a-z_]++(?:\.hpp)?>",
    ("::", r"\w(?:<[\w, :*]++>)?::~?\w"),
    ("_cast<", r"\b(?:static|dynamic|reinterpret|const)_cast<"),
    ("nullptr", r"\bnullptr\b"),
    ("noexcept", r"\bnoexcept\b"),
    ("decltype", r"\bdecltype\b"),
    ("typename", r"\btypename\b"),
    r"operator[ \t]*+(?:[-+*/=<>!\[(]|new\b|delete\b|bool\b)",
    r"\[\[(?:nodiscard|noreturn|maybe_unused|deprecated)\]\]",
    r"&(?:(?<=\w&)(?:[ \t]++\w++[ \t]*+[,)=;]|[ \t]*+[,)])|(?<=[\w>] &)(?:\w++[ \t]*+[,)]|[ \t]*+[,)]))",
    r"const[ \t]++[\w:<>]++[ \t]*+&",
    r"^[ \t]*+#[ \t]*+include[ \t]*+[<\"](?:[^>\"\n]*\.(?:hpp|hh|hxx|h\+\+|tcc|ipp)[>\"]|(?:boost|Eigen|NTL"
    r"|Q[A-Z]\w*|armadillo|blitz)\b[/\w.]*+[>\"])",
    r"\)[ \t]*+const[ \t]*+(?:[;{=]|override\b|final\b|noexcept\b)|\)[ \t]*+(?:override|final)\b"
    r"|=[ \t]*+(?:default|delete)[ \t]*+;",
    r"^[ \t]*+delete[ \t]*+(?:\[\])?[ \t]*+\w",
    r"^[ \t]*+(?:int|bool|double|float|char|auto|size_t)[ \t]++\w++[ \t]*+\{",
)
CPLUSPLUS_ONLY = re.compile(
    r"^[ \t]*+#[ \t]*+if(?:def)?\b[^\n]*+__cplusplus[^\n]*+\n(?>(?:(?![ \t]*+#[ \t]*+(?:endif|else|elif"
    r"|if))[^\n]*+\n)*)"
    r"|^[ \t]*+#[ \t]*+else\b[^\n]*+\n(?>(?:[ \t]*+(?:#[ \t]*+include\b[^\n]*+)?\n)*)",
    re.MULTILINE,
)
"""What only a C++ compiler sees of a header for both languages (or includes in place of C's): it makes it no C++."""
MATHEMATICA = Marks(
    r"^[ \t]*+\(\*",
    r"^[ \t]*+(?:BeginPackage|Begin|EndPackage|End|Needs|Get|Print|Protect|Unprotect|SetAttributes|Clear|Options"
    r"|Import)\[",
    r"^[ \t]*+[A-Za-z$]\w*+\[[^\]\n_]*+_[^\]\n]*+\][ \t]*+(?:/;[^\n]*+)?:?=",
    r"\b[A-Za-z$]\w*+::[a-z]\w*+[ \t]*+=",
    r"\b(?:Module|Block|With|Table|Map|Sqrt|Plot|Solve|Simplify)\[",
    r"\\\[[A-Z][A-Za-z]++\]",
)
MERCURY = Marks(
    r"^[ \t]*+:-[ \t]*+(?:module|interface|implementation|import_module|use_module|pred|func|mode|type|pragma)\b"
)
MUMPS = Marks(
    r"^(?:%?[A-Za-z][A-Za-z0-9]*+)?(?:\([^()\n]{0,80}\))?[ \t]++;",
    r"^(?:%?[A-Za-z][A-Za-z0-9]*+)(?:\([^()\n]{0,80}\))?[ \t]++[SDWKNQIFGHLOUXRCE](?::[^ \n]++)?(?:[ \t]|$)",
    r"^[ \t]++(?:\.[ \t]?)*(?:[SsDdWwKkNnQqIiFfGgHhLlOoUuXxRrCcEe])(?::[^ \n]++)?[ \t]++[\w^%!,()\"$@.'-]",
    r"^[ \t]++(?:\.[ \t]?)*(?:quit|set|do|write|new|kill|for|if|else|goto|halt|lock|open|use|xecute|read|close"
    r"|hang|break|merge)(?::[^ \n]++)?[ \t]++[\w^%!(\"$@.'-][^\n=;]*+(?:=[^\n;]*+)?$",
    r"^[ \t]++(?:[Qq]|quit|QUIT)[ \t]*+$",
    r"[^\w]\^%?[A-Za-z]\w*+\(|\$\$\w++(?:\^\w++)?\(|\b[Dd][ \t]\^\w|\$(?:[A-Za-z]|piece|length|extract|order|get"
    r"|data|select|text|horolog|justify|ascii|char)\(",
    flags=re.IGNORECASE,
)
MUF = Marks(
    r"^:[ \t]++\S++(?:[ \t]|$)", r"^;[ \t]*+$", r"^\$(?:include|def|undef|lib)\b", r"^lvar\b", r"^@(?:program|edit)\b"
)
LIMBO = Marks(
    r"^implement[ \t]++\w",
    r"^include[ \t]++\"[^\"\n]++\.m\"",
    r":[ \t]*+(?:adt|module)\b",
    r":[ \t]*+con[ \t]",
    r":[ \t]*+fn[ \t]*+\(",
)
MAGMA = Marks(
    r"^[ \t]*+(?:intrinsic|declare[ \t]++(?:type|attributes|verbose)|freeze;|import[ \t]++\"|forward[ \t]"
    r"|AttachSpec\()",
    r"^[ \t]*+end[ \t]++(?:function|intrinsic|procedure|for|if|while|case)[ \t]*+;",
    r"^[ \t]*+[\w\[\]., ]++:=[^\n]*+;[ \t]*+$",
    r"^//",
)
MATLAB = Marks(
    r"^[ \t]*+(?:%|#|function\b|classdef\b|end(?:if|for|while|function|_try_catch"
    r"|switch)?[ \t]*+;?[ \t]*+(?:%[^\n]*+)?$)",
    r"^[ \t]*+(?:\[[\w, ~.]++\]|[A-Za-z]\w*+(?:\([^()\n]*+\)|\.\w++|\{[^{}\n]*+\})*)[ \t]*+=(?!=)",
    r"^[ \t]*+(?:if|for|while|switch|elseif|try|catch|case|otherwise|else|return|parfor|properties|methods|events"
    r"|global|persistent)\b",
    r"^[ \t]*+(?:close|clear|clc|hold|figure|format|warning|disp|fprintf|printf|plot|error|addpath|axis|load|more)\b",
    r"\.\.\.[ \t]*+(?:%[^\n]*+)?$",
    r"\.[*/^']",
)
FORTRAN = Marks(
    r"^[ \t]*+(?:\d{1,5}[ \t]++)?(?:program|subroutine|module|submodule|implicit[ \t]++none|block[ \t]*+data"
    r"|common[ \t]*+/"
    r"|dimension\b|parameter[ \t]*+\(|data[ \t]++\w|save\b|intent\b|use[ \t]++\w|contains\b|end[ \t]*+(?:subroutine"
    r"|function|module|program|if|do|type|interface|select)?\b|call[ \t]++\w|continue\b|goto[ \t]|go[ \t]++to[ \t]"
    r"|write[ \t]*+\(|read[ \t]*+[(*]|print[ \t]*+[*']|format[ \t]*+\(|do[ \t]++\w|if[ \t]*+\(|else\b|return\b|stop\b"
    r"|external[ \t]|equivalence[ \t]*+\(|include[ \t]*+['\"]|type[ \t]*+(?:[(,]|::)|interface\b|namelist[ \t]*+/)",
    r"^[ \t]*+(?:(?:pure|elemental|recursive|impure)[ \t]++)*(?:(?:real|integer|complex|logical|character"
    r"|double[ \t]*+precision"
    r"|double[ \t]*+complex)\b[^\n]*+|function[ \t]++\w++[ \t]*+\()",
    r"^[cC*!](?:[ \t*=.$!-]|$)",
    r"^ {5}[^ 0\n\t]",
    r"^#:(?:if|for|def|set|include|call|mute)\b",
    flags=re.IGNORECASE,
)
FORTH = Marks(
    r"^[ \t]*+:[ \t]++\S++(?:[ \t]|$)",
    r"^[ \t]*+\\(?:[ \t]|$)",
    r"[ \t;]\([ \t][^)\n]{0,80}?--[^)\n]{0,80}\)",
    r"(?:^|[ \t]);[ \t]*+(?:immediate\b[^\n]*+)?$",
    r"^[ \t]*+(?:variable|constant|create|include|require|needs|hex|decimal|vocabulary|s\")[ \t]",
    r"[ \t](?:variable|constant|value)[ \t]++\S++[ \t]*+$",
    flags=re.IGNORECASE,
)
FILEBENCH = Marks(
    r"^(?:set[ \t]++\$|define[ \t]++(?:fileset|process|file|posset)\b|[ \t]++(?:flowop|thread)[ \t]|run[ \t]++\d)"
)
TABLE = Marks(r"^[ \t]*+(?=[^\n]{0,40}\d)(?:[\w.:-]++[ \t]++){2,}[\w.:-]++[ \t]*+$", r"^ {5,}(?:[\w-]++ {2,}){3,}")
FPRIME = Marks(
    r"^[ \t]*+(?:(?:active|passive|queued)[ \t]++component|instance[ \t]|topology[ \t]|(?:async|sync|guarded"
    r"|output)[ \t]++(?:input[ \t]|port[ \t])"
    r"|event[ \t]|telemetry[ \t]|@[ \t<]|(?:module|enum|array|struct|constant|type|port"
    r"|state)[ \t]++\w++[ \t]*+(?:[{=(]|$)|import[ \t]++[\w.]++$)"
)
GAP = Marks(
    r"^[ \t]*+(?:gap>|brk>|#|\*+[ \t])",
    r"^[ \t]*+(?:InstallMethod|Install\w++|Declare\w++|BindGlobal|MakeReadOnlyGlobal|SetPackageInfo|ReadPackage"
    r"|RereadPackage"
    r"|LoadPackage|Read|SetName|Print|Display|Add|Append|DeclareInfoClass|SetInfoLevel|LogTo|RequirePackage|Unbind"
    r"|Test\w*+)[ \t]*+\(",
    r"^[ \t]*+(?:fi|od|end)[ \t]*+[;)]",
    r"^[ \t]*+local[ \t]++\w[\w, \t]*+[;,]",
    r"^[ \t]*+[\w.\[\]!]++[ \t]*+:=",
    r"^[ \t]*+(?:if|while|for)\b[^\n]*\b(?:then|do)[ \t]{0,20}$",
    r"\bfunction[ \t]*+\([^)\n]*+\)",
)
GRAMMAR = Marks(
    r"^[ \t]*+(?:(?:lexer|parser|tree|combined)[ \t]++)?grammar[ \t]++\w++[ \t]*+;",
    r"^[ \t]*+(?:options|tokens|header)[ \t]*+(?:\"[^\"\n]*+\"[ \t]*+)?\{",
    r"^[ \t]*+[:|][ \t]",
    r"^class[ \t]++\w++[ \t]++extends\b",
    r"^@(?:header|members|parser|lexer)\b",
    r"^%(?:token|type|left|right|start|union|prec|%)",
    r"^/\*",
)
GRAMMAR_SURE = Marks(
    r"^(?:class[ \t]++\w++[ \t]++(?:extends\b|\{)|#(?:header|token|lexclass|errclass|tokclass|parser)\b)",
    r"^[ \t]*+(?:(?:lexer|parser|tree)[ \t]++)?grammar[ \t]++\w++[ \t]*+;",
)
GCODE = Marks(
    r"^[ \t]*+(?:N\d++[ \t]*+)?[GMTFS]\d{1,5}(?:\.\d)?\b[^\n:=]*+$", r"^[ \t]*+;", r"^%[ \t]*+$", r"^[ \t]*+[XYZ]-?\d"
)
GODOT = Marks(
    r"^(?:tool|@tool|extends[ \t]++[\"\w]|class_name[ \t]++\w|@(?:export|onready)|signal[ \t]++\w|enum\b"
    r"|(?:static[ \t]++)?func[ \t]++\w++[ \t]*+\()",
    r"^[ \t]*+(?:(?:export|onready|static)\b[^\n]{0,40}?\b)?(?:var|const)[ \t]++\w++[ \t]*+(?::=|[:=\n])",
    r"^\t++[^\n;]*+:[ \t]*+$",
    r"^[ \t]++(?:pass|return\b[^\n;]*+|elif\b[^\n]*+:)[ \t]*+$",
)
R = Marks(
    r"<-|->[ \t]*+\w", r"^[ \t]*+#", r"^[ \t]*+(?:library|require|source|setwd|data|print|cat|plot|set\.seed"
    r"|options|rm|setClass|setMethod|setGeneric)[ \t]*+\(",
    r"\bfunction[ \t]*+\(", r"^[ \t]*+[\w.]++[ \t]*+=[ \t]*+\w", r"\b(?:TRUE|FALSE|NULL"
    r"|NA)\b", r"^[ \t]*+[\w.]++\(", r"%(?:in|>|\*|o)?%",
)  # fmt: skip
REBOL = Marks(
    r"^[ \t]*+rebol\b[ \t\n]*+\[",
    r"^[ \t]*+[\w-]++:[ \t]++(?:func|does|make|context|object|use|function)\b",
    r"^[ \t]*+;",
    flags=re.IGNORECASE,
)
REZ = Marks(
    r"^[ \t]*+(?:resource|data|type|read|include|change|delete)[ \t]++['\"$]",
    r"^[ \t]*+#[ \t]*+(?:include[ \t]++[\"<]|define[ \t]|if(?:n?def)?\b|endif\b|undef\b)",
    r"^[ \t]*+(?:/\*|\*/|//)",
    r"^[ \t]*+(?:\$\"[0-9A-Fa-f ]++\"|\{[^\n]*+\}[,;]?)[ \t]*+$",
)
RATFOR = Marks(
    r"^[ \t]*+(?:subroutine[ \t]++\w|real[ \t]++\w|integer[ \t]++\w|call[ \t]++\w|common[ \t]*+/"
    r"|double[ \t]++precision\b|implicit[ \t])"
)
TEX = Marks(r"^[ \t]*+(?:%|\\[A-Za-z@]++)", r"\\(?:def|newcommand|let|csname|begin|end|ProvidesClass|contentsline)\b")
BRACES = Marks(
    r"^[ \t]*+(?:public|private|global|virtual|abstract|class|VERSION|Attribute|Option|Dim|End[ \t]++(?:Sub"
    r"|Function)|METHOD|DEFINE|Class[ \t]|BEGIN\b)",
    r"^[ \t]*+(?:'|//|/\*)", r"[;{][ \t]*+$", flags=re.IGNORECASE,
)  # fmt: skip
PASCAL = Marks(
    r"^[ \t]*+(?:procedure|function|begin|end[;.]|var|uses|unit|implementation|interface|\{\$|\{[^\n$]*+$)",
    r":=",
    flags=re.IGNORECASE,
)
PAWN = Marks(
    r"^[ \t]*+(?:native|stock|forward|public|enum|new|methodmap|property)\b[ \t]++[\w:@\[]",
    r"^[ \t]*+#(?:if[ \t]++!?defined[ \t]++\w|endinput|tryinclude|pragma[ \t]++(?:library|semicolon|newdecls"
    r"|reqlib|tabsize|deprecated|rational))",
)
POV = Marks(
    r"^[ \t]*+#(?:declare|local|macro|version|while|end|switch|debug|default|range|fopen)\b",
    r"^[ \t]*+(?:texture|pigment|finish|object|sphere|union|camera|light_source|translate|rotate|difference"
    r"|cylinder|box)\b[ \t]*+[{<]",
)
MARKUP = Marks(r"^[ \t]*+<[!?%a-zA-Z]")
SHELL_LIKE = Marks(
    r"^[ \t]*+(?:#(?!(?:[ \t]*+(?:include|define|if|ifn?def|endif|else|elif|undef|pragma|error|line)\b))|--[ \t]|;"
    r"|\.(?:if|include|macro|globl?|text|data|byte|word)\b)",
    r"^[\w.-]++[ \t]*+(?:\?|:|\+)?=[^=]",
    r"^[ \t]++(?:mov|push|pop|call|jmp|ret|add|sub|ld[ar]?|st[ar]?|cmp|move\.[bwl]|bsr|jsr|rts)\b",
    r"^[ \t]*+(?:local_var|script_|include[ \t]*+\(|select|let[ \t]++\$|set[ \t]++(?:global|session|@)|insert"
    r"|create|drop|eval|source)\b",
    flags=re.IGNORECASE,
)
RE2C = re.compile(r"/\*!?re2c|^[ \t]*+%\{re2c|^[ \t]*+#[ \t]*+(?:include|define)\b", re.MULTILINE)
COMPONENT_PASCAL = re.compile(r"^[ \t]*+MODULE[ \t]++\w", re.MULTILINE)
PYTHON = Marks(
    r"^(?:import|from)[ \t]++[\w.]",
    r"^[ \t]*+(?:def|class)[ \t]++\w++[ \t]*+[(:]",
    r"^if[ \t]++__name__\b",
    r"^(?:a|pyz|exe|coll)[ \t]*+=",
)
RENPY = Marks(
    r"^[ \t]*+(?:label|init|define|default|screen|image|transform|scene|show|hide|menu|play|jump"
    r"|style)\b[^\n=(]*+(?::|=|$|[ \t]\w)",
    r"^[ \t]++\w*+[ \t]*+\"",
)
RPM = Marks(
    r"^(?:Name|Version|Release|Summary|License|Source\d*+|BuildRequires|Requires|Group|URL|BuildRoot)[ \t]*+:",
    r"^%(?:description|prep|build|install|files|changelog|package|define|global|post|setup)",
    r"^\[[\w.]++\]$",
    r"^(?:describe|require|Gem::)",
    flags=re.IGNORECASE,
)
WARCRAFT = Marks(r"^##[ \t]")
CHUNK = re.compile(r"^[ \t]*+```[ \t]*+\{[ \t]*+(?P<engine>\w++)", re.MULTILINE)
TEX_COMMAND = Marks(r"^[ \t]*+\\[A-Za-z@]++")
HACK = re.compile(r"\s*+<\?(?:hh|php)|\A#![^\n]*+\bhhvm\b")
MPS = re.compile(r"\s*+<")


MATLAB_SURE = re.compile(r"^[ \t]*+(?:function\b[^\n;]*+(?:=|\(|$)|classdef\b|##|%(?![!{}\w]*+\())", re.MULTILINE)
ENDED = Marks(r";[ \t\r]*+(?:#[^\n]*+)?$", r"^[ \t]*+(?:Declare|Install|SetPackageInfo)\w*+[ \t]*+\(")
