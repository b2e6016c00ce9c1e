"""Which tidy tables there are, with the type and the meaning of each column.

Types are XSD names; `anyURI` columns hold IRIs minted by `terms`. A missing value is an empty, unquoted
field and makes no triple. Lists are long tables, never split cells.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its XSD type (`string`, `integer`, `decimal`, `boolean`, `anyURI`) and meaning."""

    name: str
    datatype: str
    description: str


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A tidy table; the first columns named in `key` identify a row."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)


_TYPES = {"": "string", "i": "integer", "d": "decimal", "b": "boolean", "u": "anyURI"}


def _table(name: str, description: str, key: str, columns: str) -> TableSchema:
    """Read the compact notation below: one column a line, `name type? — meaning`."""
    read = []
    for line in columns.strip().splitlines():
        head, _, meaning = line.strip().partition(" — ")
        column, _, kind = head.partition(" ")
        read.append(Column(column, _TYPES[kind], meaning))
    return TableSchema(name, description, tuple(key.split()), tuple(read))


# fmt: off
TABLES: dict[str, TableSchema] = {
    table.name: table
    for table in (
        _table("evidence", "One evidence item: what one cited publication says in one row.", "item", """
            named_graph u — the item's named graph
            item u — the evidence item
            key — its key within the source
            label — a readable label
            source u — the source table
            section — the section band above the row, as printed
            condition u — the condition the row is about
            row u — the source row
            citation u — what the row prints of its reference
            publication u — the resolved publication
            study u — the study behind it
            strategy u — the treatment strategy, null where the row names no agent
            direction u — summary direction of the row
            direction_basis u — stated, inferred or curated
            """),
        _table("strategy", "Agents joined by an operator, as the DRUG cell names them.", "strategy", """
            named_graph u — the item's named graph
            strategy u — the strategy
            item u — its evidence item
            label — the DRUG cell after repair
            operator u — single, combination, alternatives, sequence, not stated
            monotherapy b — true only where the text says so
            variant — a stated variant (living-donor)
            """),
        _table("component", "An agent in a row, with its role.", "component", """
            named_graph u — the item's named graph
            component u — the component
            item u — its evidence item
            strategy u — its strategy; null for an agent named only outside the DRUG cell
            mentioned_by u — the item that names the agent outside the DRUG cell; null for a strategy's own
            agent u — the agent
            agent_label — the agent's label
            role u — index, concomitant, prior, subsequent, alternative, excluded, mentioned
            basis u — stated, inferred or curated
            position i — order in the row
            """),
        _table("regimen_step", "One dose statement, in order.", "step", """
            named_graph u — the item's named graph
            step u — the step
            item u — its evidence item
            component u — the component it doses; null where the agent is none of the row's components
            agent u — the agent
            agent_label — the agent's label
            position i — order over the row
            phase i — steps given together share it
            group — regimen group (A, B, Case 1)
            low d — lower amount
            high d — upper amount
            unit — UCUM amount without time
            per u — what the amount is for: day, dose, total, week, month
            divided b — a daily or total amount given in parts
            frequency d — times per period
            frequency_max d — upper number of times per period
            period d — length of the period
            period_max d — upper length of the period
            period_unit — UCUM time unit of the period
            count i — how often in all
            duration d — how long the step runs
            duration_max d — upper duration
            duration_unit — UCUM time unit of the duration
            duration_basis — stated, or interval where taken from the INTERVAL cell
            as_needed b — given only when needed
            route u — route of administration
            route_basis — stated, agent name or inferred
            infusion — rate or run time as printed
            strength — strength of the preparation as printed
            every_low d — cycle: repeated every, lower
            every_high d — cycle: repeated every, upper
            every_unit — UCUM time unit of the cycle
            cycle_for d — cycle: for how long
            cycle_for_unit — UCUM time unit
            cycle_count i — cycle: how many times
            alternative b — an "or" to the step before
            qualitative — a dose in words
            basis u — curated where a curator set or confirmed a field of it, else empty
            verbatim — the characters it was read from
            """),
        _table("interval", "A statement of time in the INTERVAL cell.", "interval", """
            named_graph u — the item's named graph
            interval u — the statement
            item u — its evidence item
            kind u — treatment duration, follow-up, number of doses, …
            group — the case or regimen group it is said of (Case 1, A)
            low d — lower value
            high d — upper value
            unit — UCUM
            verbatim — the characters it was read from
            """),
        _table("citation", "What one row prints of its reference.", "citation", """
            named_graph u — the item's named graph
            citation u — the citation
            item u — its evidence item
            publication u — what it refers to
            label — the REFERENCE cell after repair
            author — first author, word breaks mended
            printed_author — as printed
            initials — of the first author
            et_al b — whether "et al" is printed
            journal — NLM abbreviation where known
            printed_journal — as printed
            journal_full — full title where known
            year i — as printed
            number — reference number as printed
            """),
        _table("study", "Design and patients as the row states them.", "study", """
            named_graph u — the item's named graph
            study u — the study
            item u — its evidence item
            design u — study design
            design_basis u — stated or inferred
            patients i — number of patients; null is unknown
            patients_basis u — stated or inferred
            """),
        _table("population", "A population that a study states.", "study population", """
            named_graph u — the item's named graph
            study u — the study
            population — in words
            """),
        _table("finding", "One statement of a row about a strategy or agents.", "finding", """
            named_graph u — the item's named graph
            finding u — the finding
            item u — its evidence item
            kind u — reported outcome, opinion, recommendation
            direction u — which way it points
            primary b — gives the row its summary direction
            strategy u — the strategy it is about; null where it names agents
            voice — whose statement it is
            hedged b — printed with a hedge
            basis u — stated, inferred or curated
            verbatim — the words it rests on
            """),
        _table("finding_target", "An agent that a finding is about.", "finding agent", """
            named_graph u — the item's named graph
            finding u — the finding
            agent u — the agent
            agent_label — its label
            """),
        _table("finding_condition", "A condition of a finding.", "finding condition selection", """
            named_graph u — the item's named graph
            finding u — the finding
            condition — in words
            selection u — the characters
            """),
        _table("harm", "An adverse event or death.", "harm", """
            named_graph u — the item's named graph
            harm u — the harm
            item u — its evidence item
            event — in words
            agent u — the agent it is attributed to
            patients i — affected; 0 where the row denies the event
            of_patients i — of how many
            serious b — printed as severe, serious or fatal; false where printed as mild
            basis u — stated, inferred or curated
            """),
        _table("context", "A circumstance of the patients, or a condition of advice.", "context", """
            named_graph u — the item's named graph
            context u — the statement
            item u — its evidence item
            kind u — organ involvement, virus, comorbidity, severity, prior failure, population
            label — in words
            concept u — a condition of the vocabulary
            organ u — the organ
            hypothetical b — a condition of advice, not a fact about patients
            basis u — stated, inferred or curated
            """),
        _table("therapy_line", "Line of therapy.", "therapy_line", """
            named_graph u — the item's named graph
            therapy_line u — the statement
            item u — its evidence item
            value u — first-line, second-line, steroid-sparing, rescue, adjunct
            basis u — stated, inferred or curated
            """),
        _table("culprit", "A drug held to have caused the reaction.", "culprit", """
            named_graph u — the item's named graph
            culprit u — the statement
            item u — its evidence item
            agent u — the drug or class
            agent_label — its label
            suspected b — a suspected trigger only
            basis u — stated, inferred or curated
            """),
        _table("selection", "Characters of a repaired cell that something was read from.", "selection", """
            named_graph u — the item's named graph
            selection u — the selection
            cell u — the cell
            start i — first code point
            end i — code point after the last
            exact — the characters
            """),
        _table("selected", "Which node was read from which characters.", "node selection", """
            named_graph u — the graph of the node
            node u — the node
            selection u — the selection
            """),
        _table("unread", "Characters that no rule read.", "item selection", """
            named_graph u — the item's named graph
            item u — the evidence item
            selection u — the characters
            """),
        _table("curation", "A curator's decision on an item.", "curation", """
            named_graph u — the item's named graph
            curation u — the decision
            item u — the evidence item
            field — which field it sets
            value — the value
            reason — why
            curator — who
            date — when (ISO 8601)
            """),
        _table("assessment", "The guideline panel's rating of a row.", "assessment", """
            named_graph u — the source's assessment graph
            assessment u — the assessment
            item u — the evidence item
            scale u — the rating scale
            scale_basis u — stated where the table names its scale, else inferred
            panel u — the guideline whose panel rated it
            printed_level — as printed
            printed_grade — as printed
            """),
        _table("assessment_level", "A level of an assessment.", "assessment level", """
            named_graph u — the source's assessment graph
            assessment u — the assessment
            level u — the level on its scale
            """),
        _table("assessment_grade", "A grade of an assessment.", "assessment grade", """
            named_graph u — the source's assessment graph
            assessment u — the assessment
            grade u — the grade on its scale
            """),
        _table("source", "A source table.", "source", """
            named_graph u — the source graph
            source u — the source
            title — its title
            file — the file's name
            publication u — the guideline or database it is part of
            condition u — the condition it is about
            sha256 — of the file's bytes
            panel — who rated the rows, in words
            rights — whose the table is
            notice — what a reader must know before using any of it
            """),
        _table("line", "A physical line of the file, untouched, with its class in the ledger.", "line", """
            named_graph u — the source graph
            line u — the line
            source u — its source
            number i — 1-based
            kind u — row, header, section, footer, footnote, noise, blank
            reason — why it is in this class
            row u — the row it belongs to
            text — as read, without its line end
            """),
        _table("row", "A logical row.", "row", """
            named_graph u — the source graph
            row u — the row
            source u — its source
            item u — the evidence item made from it
            position i — 1-based among the rows
            section — the section band above it
            """),
        _table("cell", "A row's text in one column after repair.", "cell", """
            named_graph u — the source graph
            cell u — the cell
            row u — its row
            field — the profile's name for the column
            column — the header as printed
            text — after repair
            """),
        _table("fragment", "Where a stretch of a repaired cell stands in the file.", "fragment", """
            named_graph u — the source graph
            fragment u — the stretch
            cell u — its cell
            start i — first code point in the repaired cell
            end i — code point after the last
            line u — the physical line
            column_number i — 1-based position of the column in the file
            raw_start i — first code point in the raw cell
            """),
        _table("repair", "A change made to get from lines to a row.", "repair", """
            named_graph u — the source graph
            repair u — the repair
            row u — its row
            cell u — its cell; null where it concerns whole lines
            line u — the physical line it acted on
            rule — the rule's name
            before — the text before
            after — the text after; null where text was set aside
            """),
        _table("publication", "A resolved publication.", "publication", """
            named_graph u — the reference graph
            publication u — the publication
            label — first author, journal, year
            first_author — family name and initials
            title — title
            journal — full journal title
            year i — year of publication as far as verified, else as printed
            volume — volume
            issue — issue
            pages — pages
            doi — DOI
            pmid — PubMed id
            pmcid — PubMed Central id
            confidence — how well it was verified: high, medium, low
            """),
        _table("publication_note", "A note on a publication.", "publication note", """
            named_graph u — the reference graph
            publication u — the publication
            note — in words
            """),
        _table("term_mapping", "One of our concepts, and an identifier elsewhere.", "concept identifier", """
            named_graph u — the reference graph
            concept u — our concept
            match u — exactMatch, closeMatch, narrowMatch, …
            identifier u — the identifier as an IRI
            """),
        _table("agent", "An agent that some row names and the vocabulary does not hold.", "agent", """
            named_graph u — the reference graph
            agent u — the agent
            label — as printed
            """),
        _table("condition", "A condition that only the source names, not the vocabulary.", "condition", """
            named_graph u — the source graph
            condition u — the condition
            source u — the source that names it
            label — as printed
            identifier u — its printed identifier as an IRI, null where none is printed
            """),
        _table("quality_finding", "What a shape or a cross-row rule says of a cell.", "finding", """
            named_graph u — the source's quality graph
            finding u — the quality finding
            item u — the evidence item
            cell u — the cell, null where it is the whole row
            rule — the rule's name
            severity u — violation, warning or info
            message — for a curator
            value — the printed value
            suggestion — a remedy, null where none is known
            """),
    )
}
# fmt: on
