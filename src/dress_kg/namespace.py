# ruff: noqa: N815  the names are those of the ontology
"""The dress-kg vocabulary as a closed namespace: a misspelt term is an error, not a new IRI.

Only modules that already need rdflib import this one; everything else mints IRIs through `terms`.
`tests/test_ontology.py` keeps it equal to `ontology/dress-kg.ttl`, both ways.
"""

from __future__ import annotations

from rdflib import Namespace, URIRef
from rdflib.namespace import DefinedNamespace


class DK(DefinedNamespace):
    """The terms of `https://w3id.org/dress-kg/ontology#`.

    >>> DK.EvidenceItem
    rdflib.term.URIRef('https://w3id.org/dress-kg/ontology#EvidenceItem')
    """

    _NS = Namespace("https://w3id.org/dress-kg/ontology#")
    _fail = True
    _warn = False

    EvidenceItem: URIRef
    TreatmentStrategy: URIRef
    Component: URIRef
    Agent: URIRef
    Drug: URIRef
    DrugClass: URIRef
    Biologic: URIRef
    Procedure: URIRef
    RegimenStep: URIRef
    IntervalStatement: URIRef
    Citation: URIRef
    Publication: URIRef
    Study: URIRef
    Finding: URIRef
    Harm: URIRef
    ContextStatement: URIRef
    TherapyLine: URIRef
    Culprit: URIRef
    GuidelineAssessment: URIRef
    RatingLevel: URIRef
    RatingGrade: URIRef
    Selection: URIRef
    Curation: URIRef
    SourceTable: URIRef
    SourceLine: URIRef
    SourceRow: URIRef
    SourceCell: URIRef
    Fragment: URIRef
    Repair: URIRef
    QualityFinding: URIRef
    Periodical: URIRef
    DoseReference: URIRef
    condition: URIRef
    row: URIRef
    citation: URIRef
    study: URIRef
    strategy: URIRef
    summaryDirection: URIRef
    summaryBasis: URIRef
    operator: URIRef
    monotherapyStated: URIRef
    variant: URIRef
    component: URIRef
    otherComponent: URIRef
    agent: URIRef
    role: URIRef
    basis: URIRef
    position: URIRef
    step: URIRef
    ofComponent: URIRef
    phase: URIRef
    group: URIRef
    low: URIRef
    high: URIRef
    unit: URIRef
    per: URIRef
    divided: URIRef
    frequency: URIRef
    frequencyMax: URIRef
    period: URIRef
    periodMax: URIRef
    periodUnit: URIRef
    count: URIRef
    duration: URIRef
    durationMax: URIRef
    durationUnit: URIRef
    durationBasis: URIRef
    asNeeded: URIRef
    route: URIRef
    routeBasis: URIRef
    infusion: URIRef
    strength: URIRef
    everyLow: URIRef
    everyHigh: URIRef
    everyUnit: URIRef
    cycleFor: URIRef
    cycleForUnit: URIRef
    cycleCount: URIRef
    alternative: URIRef
    qualitative: URIRef
    verbatim: URIRef
    interval: URIRef
    kind: URIRef
    refersTo: URIRef
    author: URIRef
    printedAuthor: URIRef
    initials: URIRef
    etAl: URIRef
    journal: URIRef
    printedJournal: URIRef
    journalTitle: URIRef
    year: URIRef
    number: URIRef
    pmcid: URIRef
    verification: URIRef
    design: URIRef
    designBasis: URIRef
    patients: URIRef
    patientsBasis: URIRef
    population: URIRef
    finding: URIRef
    direction: URIRef
    primary: URIRef
    about: URIRef
    voice: URIRef
    hedged: URIRef
    holdsWhen: URIRef
    harm: URIRef
    event: URIRef
    attributedTo: URIRef
    ofPatients: URIRef
    serious: URIRef
    context: URIRef
    concept: URIRef
    organ: URIRef
    virus: URIRef
    hypothetical: URIRef
    therapyLine: URIRef
    line: URIRef
    culprit: URIRef
    suspected: URIRef
    selection: URIRef
    unread: URIRef
    curation: URIRef
    field: URIRef
    curatedValue: URIRef
    reason: URIRef
    curator: URIRef
    assesses: URIRef
    scale: URIRef
    panel: URIRef
    printedLevel: URIRef
    printedGrade: URIRef
    level: URIRef
    grade: URIRef
    notice: URIRef
    file: URIRef
    sha256: URIRef
    lineNumber: URIRef
    text: URIRef
    section: URIRef
    cell: URIRef
    column: URIRef
    sourceLine: URIRef
    columnNumber: URIRef
    rawStart: URIRef
    rule: URIRef
    before: URIRef
    after: URIRef
    severity: URIRef
    message: URIRef
    printedValue: URIRef
    suggestion: URIRef
    rank: URIRef
    supportsGrade: URIRef
    expectedFor: URIRef
    reportsOnPatients: URIRef
    patientsAtMost: URIRef
    indexed: URIRef
    weightBased: URIRef
    maximum: URIRef
    Stance: URIRef
    Disagreement: URIRef
    EvidenceProfile: URIRef
    Tally: URIRef
    SameCase: URIRef
    sameCaseAs: URIRef
    item: URIRef
    supportedBy: URIRef
    disputedBy: URIRef
    withCorticosteroids: URIRef
    supportingPatients: URIRef
    disputingPatients: URIRef
    patientsPrinted: URIRef
    patientsCounted: URIRef
    patientsInferred: URIRef
    patientsImproved: URIRef
    patientsFailed: URIRef
    patientsMixed: URIRef
    patientsWithoutOutcome: URIRef
    publicationsWithoutNumber: URIRef
    items: URIRef
    publications: URIRef
    tally: URIRef
    tallied: URIRef
    reportsHarm: URIRef
    CorticosteroidAgent: URIRef
    ImmunosuppressantAgent: URIRef
    TreatingComponent: URIRef
    CorticosteroidComponent: URIRef
    CombinationEvidence: URIRef
    MonotherapyEvidence: URIRef
    CorticosteroidContainingEvidence: URIRef
    CorticosteroidFreeEvidence: URIRef
    CorticosteroidSparingEvidence: URIRef
    AfterCorticosteroidFailureEvidence: URIRef
    PaediatricEvidence: URIRef
    NonAnalyticDesign: URIRef
    SecondaryDesign: URIRef
    NonAnalyticEvidence: URIRef
    SecondaryEvidence: URIRef
    HarmEvidence: URIRef
    ImmunosuppressantEvidence: URIRef
