#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Compares the public names of the headers with those that the determinism program hashes.

usage: check_names.py INCLUDE PROGRAM_FOLDER     every public function and member is hashed
       check_names.py --list INCLUDE             prints the names
       check_names.py --self-test                whether the names of a small header are found
"""

import fnmatch
import pathlib
import re
import sys

CONTROL = {"requires", "noexcept", "decltype", "alignas", "__attribute__", "explicit", "sizeof", "asm", "if", "static_assert"}
FOLDERS_LEFT_OUT = {"cuda", "interop"}


def stripped(text):
    """The text without comments, literals and preprocessor lines. Of `#if … #else` both stay."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"//[^\n]*", " ", text)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    text = re.sub(r"'(?:\\.|[^'\\\n])'", "0", text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", " ", text, flags=re.M)


def after_balanced(text, at):
    """The place behind the bracket that closes the one at `at`."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    depth, opening, closing = 0, text[at], pairs[text[at]]
    while True:
        depth += {opening: 1, closing: -1}.get(text[at], 0)
        at += 1
        if depth == 0:
            return at


def without_template_heads(declaration):
    """Without `template <…>` in front."""
    while match := re.match(r"\s*template\s*<", declaration):
        depth, at = 1, match.end()
        while depth:
            depth += {"<": 1, ">": -1}.get(declaration[at], 0)
            at += 1
        declaration = declaration[at:]
    return declaration


def function_name(declaration):
    """The name before the first parenthesis of parameters; none where there is no function."""
    declaration = without_template_heads(declaration)
    if re.match(r"\s*(using|typedef|concept|static_assert|namespace|extern)\b", declaration):
        return None
    at = 0
    while (at := declaration.find("(", at)) >= 0:
        before = declaration[:at].rstrip()
        # `min` in parentheses is no macro.
        if match := re.match(r"\(\s*(\w+)\s*\)\s*\(", declaration[at:]):
            return match.group(1)
        match = re.search(r"(~?\w+)$", before)
        if "=" in re.sub(r"operator\s*\S+|[<>=!]=", "", before):
            return None
        if match_operator := re.search(r"operator\s*(\(\s*\)|[^\w\s]+|\w+)?$", before):
            return "comparison" if match_operator.group(1) == "==" else "operator"
        if match and match.group(1) not in CONTROL:
            is_deduction_guide = before.strip() == match.group(1) and "->" in declaration[at:]
            return None if is_deduction_guide else match.group(1)
        at = after_balanced(declaration, at)
    return None


def names_of(text):
    """Yields the public functions `f` and members `T::f` of namespace detent."""
    text = stripped(text)
    # Each scope: kind (namespace, class, other), name, whether its members are public.
    scopes, start, at = [], 0, 0

    def is_public():
        path = [s["name"] for s in scopes if s["kind"] == "namespace"]
        if not path or any(name.endswith("detail") for name in path):
            return False
        return all(s["public"] for s in scopes if s["kind"] == "class")

    def qualified(name):
        return "::".join([s["name"] for s in scopes if s["kind"] == "class"] + [name])

    while at < len(text):
        c = text[at]
        if c in "([":
            at = after_balanced(text, at)
            continue
        if c == ":" and scopes and scopes[-1]["kind"] == "class":
            if match := re.search(r"\b(public|private|protected)\s*$", text[start:at]):
                scopes[-1]["public"] = match.group(1) == "public"
                at = start = at + 1
                continue
        if c == ";":
            if is_public() and (name := function_name(text[start:at])):
                yield qualified(name)
            at = start = at + 1
            continue
        if c == "}":
            if scopes:
                scopes.pop()
            at = start = at + 1
            continue
        if c != "{":
            at += 1
            continue
        declaration = text[start:at]
        head = without_template_heads(declaration)
        if match := re.match(r"\s*(?:inline\s+)?namespace\s+([\w:\s]*)$", head):
            name = re.sub(r"inline\s+DETENT_ABI|\s", "", match.group(1)).strip(":")
            scopes.append({"kind": "namespace", "name": name, "public": True})
        elif re.match(r"\s*enum\b", head):
            at = after_balanced(text, at)
            continue
        elif (match := re.match(r"\s*(?:requires\b.*?)?\b(class|struct|union)\s+(\w+)", head, flags=re.S)) and "(" not in head[match.end():].split(":")[0]:
            scopes.append({"kind": "class", "name": match.group(2), "public": match.group(1) != "class"})
        else:
            name = function_name(declaration)
            in_initializers = name and re.search(r"\)\s*(?:noexcept\s*)?:[^:]", declaration)
            if name is None or (in_initializers and re.search(r"[\w>]\s*$", declaration)):
                at = after_balanced(text, at)  # an initializer
                continue
            if is_public():
                yield qualified(name)
            at = start = after_balanced(text, at)
            continue
        at = start = at + 1


def public_names(include):
    """The names, and those among them that are types."""
    names = set()
    for header in sorted(pathlib.Path(include).rglob("*.hpp")):
        if not FOLDERS_LEFT_OUT & set(header.relative_to(include).parts):
            names |= set(names_of(header.read_text()))
    def of_type(name):
        """An operator and a constructor stand for their type."""
        parts = name.split("::")
        is_part = len(parts) > 1 and (parts[-1] == "operator" or parts[-1].lstrip("~") == parts[-2])
        return "::".join(parts[:-1]) if is_part else name

    types = {of_type(n) for n in names if of_type(n) != n}
    names = {of_type(n) for n in names if n.split("::")[-1] != "comparison"}
    return names - {"operator"}, types


SMALL_HEADER = """
#define SKIPPED(x) { x
namespace detent::inline DETENT_ABI {
/// Text with a { and "quotes".
enum class kind { one, two };
template <class T, int N = (3 > 2)>
requires(N > 0) inline T first(T x) noexcept(sizeof(T) > 4) { return x; }
struct plain { int a = 3; bool operator==(plain const&) const = default; };
class made : public plain {
 public:
  explicit made(int n) : n_(n), all_{n, n} { if (n < 0) { throw n; } }
  made() = default;
  template <class U> DETENT_HD constexpr auto read(U u) const noexcept -> U { return u; }
  struct inner { void reset(); };
  friend constexpr made(min)(made a, made) { return a; }
  made& operator+=(made b) { return *this; }
  static constexpr int limit = max_of(3);
 private:
  void hidden();
  int n_ = 0; int all_[2];
};
struct called { double operator()(double x) const; };
made(double) -> made;
inline constexpr int count = value_of(3);
namespace detail { void internal(); }
}
namespace detent::inline DETENT_ABI::detail { struct also { void internal(); }; }
namespace detent::inline DETENT_ABI { void last(void (*f)(int)); }
"""


def self_test():
    found = sorted({n for n in names_of(SMALL_HEADER)})
    wanted = sorted(["first", "plain::comparison", "made::made", "made::read", "made::inner::reset", "made::min",
                     "made::operator", "called::operator", "last"])
    if found != wanted:
        print(f"found {found}\nwanted {wanted}")
    return 0 if found == wanted else 1


def main():
    if sys.argv[1] == "--self-test":
        return self_test()
    if sys.argv[1] == "--list":
        print("\n".join(sorted(public_names(sys.argv[2])[0])))
        return 0
    include, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    names, types = public_names(include)
    if len(names) < 250:
        print(f"only {len(names)} names found in {include}: the headers are not read any more")
        return 1
    hashed = {line.split()[0].split("/")[0] for line in (folder / "expected.txt").read_text().splitlines()}
    excused, problems = set(), []
    for line in (folder / "not_hashed.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern, _, reason = line.partition(" ")
        matches = set(fnmatch.filter(names, pattern))
        if not matches - hashed:
            problems.append(f"{pattern}: is excused, but hashed or no public name")
        if not reason.strip():
            problems.append(f"{pattern}: is excused without a reason")
        excused |= matches
    source = "".join(stripped(f.read_text()) for f in sorted(folder.glob("*.?pp")))
    problems += [f"{n}: is not hashed by tests/determinism" for n in sorted(names - hashed - excused)]
    problems += [f"{n}: is hashed, but no public name" for n in sorted(hashed - names)]
    problems += [f"{n}: is hashed by name, but never called" for n in sorted((hashed & names) - types)
                 if not re.search(rf"\b{n.split('::')[-1]}\b", source)]
    print("\n".join(problems) or f"{len(hashed)} names hashed, {len(excused)} excused")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
